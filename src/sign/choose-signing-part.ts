import { ApplianceError } from "../errors.ts";
import { partStateAt } from "./key-facts.ts";
import { type PartLife, readKeyLife } from "./key-life.ts";
import type { PublicKey } from "./openpgp/index.ts";

type Code = "SIGN_KEY_EXPIRED" | "SIGN_KEY_REVOKED" | "SIGN_KEY_UNUSABLE";

interface Obstacle {
  readonly code: Code;
  /** Continues the name of the key. */
  readonly fact: string;
}

/** A key, and which of its secret halves exist. */
export interface KeyHalves {
  /** The valid state of the key, which may be newer than that of the secret half. */
  readonly publicKey: PublicKey;
  readonly holdsSecret: (part: PartLife) => boolean;
  /** Place of the secret halves, for messages: `this file`. */
  readonly place: string;
  /** End of the fingerprint of the only part that may sign, lower case. Default: any part. */
  readonly only?: string | undefined;
}

/** Why a part cannot sign now; undefined when it can. */
function obstacleOf(part: PartLife, halves: KeyHalves, now: Date): Obstacle | undefined {
  if (!part.isForSigning) return { code: "SIGN_KEY_UNUSABLE", fact: "is not a signing key" };
  switch (partStateAt(part, now)) {
    case "expired": {
      const date = part.expiresAt?.toISOString().slice(0, 10) ?? "";
      return { code: "SIGN_KEY_EXPIRED", fact: `has expired on ${date}` };
    }
    case "revoked":
      return {
        code: "SIGN_KEY_REVOKED",
        fact: `has been revoked: ${part.revocation?.reason ?? ""}`,
      };
    case "not yet valid":
      return {
        code: "SIGN_KEY_UNUSABLE",
        fact: `was created in the future, at ${part.createdAt.toISOString()}`,
      };
    case "unusable":
      return { code: "SIGN_KEY_UNUSABLE", fact: part.fault ?? "cannot sign" };
    case "valid":
  }
  return halves.holdsSecret(part)
    ? undefined
    : { code: "SIGN_KEY_UNUSABLE", fact: `has no secret half in ${halves.place}` };
}

/** Causes in order: the one that its owner can most easily fix comes first. */
const order: readonly Code[] = ["SIGN_KEY_EXPIRED", "SIGN_KEY_REVOKED", "SIGN_KEY_UNUSABLE"];

/**
 * Chooses the signing part: the primary key if it can sign, otherwise the first subkey that can. So a new subkey takes
 * over when the previous one has ended, and clients had time to import it.
 *
 * @param origin  the key in messages
 * @throws ApplianceError `SIGN_KEY_EXPIRED`, `SIGN_KEY_REVOKED`, `SIGN_KEY_UNUSABLE`, with the reason for each part
 */
export async function chooseSigningPart(
  halves: KeyHalves,
  origin: string,
  now: Date,
): Promise<PartLife> {
  const { publicKey, only } = halves;
  const all = await readKeyLife(publicKey, now);
  const parts = all.filter(({ fingerprint }) => only === undefined || fingerprint.endsWith(only));
  const found: Obstacle[] =
    parts.length === 0 ? [{ code: "SIGN_KEY_UNUSABLE", fact: `has no subkey ${only}` }] : [];
  for (const part of parts) {
    const obstacle = obstacleOf(part, halves, now);
    if (obstacle === undefined) return part;
    const name = part.isPrimary ? "the key" : `its subkey ${part.keyId}`;
    // Subkeys for encryption are ignored.
    if (part.isPrimary || part.isForSigning || only !== undefined)
      found.push({ ...obstacle, fact: `${name} ${obstacle.fact}` });
  }
  const code =
    order.find((one) => found.some((obstacle) => obstacle.code === one)) ?? "SIGN_KEY_UNUSABLE";
  throw new ApplianceError(code, `${origin}: ${found.map(({ fact }) => fact).join("; ")}`, {
    hint: "choose another key with --key, or create one with virt-appliance keys generate",
  });
}
