import { ApplianceError } from "../errors.ts";
import type { PartLife } from "./key-life.ts";
import type { SignatureDates } from "./signer.ts";

/** Dates of a signature in OpenPGP's units. */
export interface SignatureTimes {
  /** Unix seconds. */
  readonly createdSeconds: number;
  /** Undefined if the signature never expires. */
  readonly lifetimeSeconds: number | undefined;
}

/**
 * Returns the dates of a signature. The creation time is raised to that of the key.
 *
 * @param origin  the key in messages
 * @throws ApplianceError `SIGN_KEY_EXPIRED` if the key ends before the creation time
 */
export function signatureTimes(
  { createdAt, expiresAt }: SignatureDates,
  part: PartLife,
  origin: string,
): SignatureTimes {
  const createdSeconds = Math.floor(Math.max(part.createdAt.getTime(), createdAt.getTime()) / 1000);
  const created = new Date(createdSeconds * 1000);
  if (part.expiresAt !== undefined && created >= part.expiresAt) {
    throw new ApplianceError(
      "SIGN_KEY_EXPIRED",
      `${origin}: the key expires at ${part.expiresAt.toISOString()}, before the signature date ${created.toISOString()}`,
      { hint: "choose another key with --key, or an earlier SOURCE_DATE_EPOCH" },
    );
  }
  if (expiresAt === undefined) return { createdSeconds, lifetimeSeconds: undefined };
  const lifetimeSeconds = Math.floor(expiresAt.getTime() / 1000) - createdSeconds;
  if (lifetimeSeconds <= 0) {
    throw new TypeError("signature would expire before its creation time");
  }
  return { createdSeconds, lifetimeSeconds };
}
