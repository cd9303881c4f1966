import { partStateAt } from "./key-facts.ts";
import type { PartLife } from "./key-life.ts";
import type { Check } from "./verification.ts";

/** Verdict on a signature from the state of its key. */
export type KeyVerdict = Pick<Check, "status" | "detail">;

const day = (date: Date | undefined): string => date?.toISOString().slice(0, 10) ?? "";

/** Judges a signature by the state of its key when it was made; undefined if the key was valid. */
export function judgeKeyAt(part: PartLife, at: Date): KeyVerdict | undefined {
  const name = part.isPrimary ? "key" : "subkey";
  switch (partStateAt(part, at)) {
    case "valid":
      return undefined;
    case "expired":
      return {
        status: "expired",
        detail: `its ${name} expired on ${day(part.expiresAt)}, before the signature was made`,
      };
    case "revoked":
      return {
        status: "revoked",
        detail: `its ${name} is revoked: ${part.revocation?.reason ?? ""}`,
      };
    case "not yet valid":
      return { status: "bad", detail: `made before its ${name} was created` };
    case "unusable":
  }
  const fault = part.fault ?? "is not a signing key";
  return { status: "bad", detail: `its ${name} ${fault}` };
}

/** Judges a signature by the current state of its key; undefined if the key is valid. */
export function judgeKeyNow(part: PartLife, now: Date): KeyVerdict | undefined {
  const name = part.isPrimary ? "key" : "subkey";
  if (part.revocation !== undefined) {
    return { status: "revoked", detail: `its ${name} is revoked: ${part.revocation.reason}` };
  }
  if (part.expiresAt === undefined || part.expiresAt > now) return undefined;
  return { status: "expired", detail: `its ${name} expired on ${day(part.expiresAt)}` };
}
