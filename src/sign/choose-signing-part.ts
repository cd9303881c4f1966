import { ApplianceError } from "../errors.ts";
import { findPart, partStateAt } from "./key-facts.ts";
import { readKeyLife } from "./key-life.ts";
import type { PartLife } from "./key-life.ts";
import type { PrivateKey, PublicKey } from "./openpgp/index.ts";

type Code = "SIGN_KEY_EXPIRED" | "SIGN_KEY_REVOKED" | "SIGN_KEY_UNUSABLE";

interface Obstacle {
  readonly code: Code;
  /** Continues the name of the key. */
  readonly fact: string;
}

/** Why a part cannot sign now; undefined when it can. */
function obstacleOf(part: PartLife, key: PrivateKey, now: Date): Obstacle | undefined {
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
  const packet = findPart(key, part.keyId)?.keyPacket;
  const isAbsent = packet === undefined || ("isDummy" in packet && packet.isDummy());
  return isAbsent
    ? { code: "SIGN_KEY_UNUSABLE", fact: "has no secret half in this file" }
    : undefined;
}

/** What is nearest to a key that could sign comes first: it is what its owner has to act upon. */
const order: readonly Code[] = ["SIGN_KEY_EXPIRED", "SIGN_KEY_REVOKED", "SIGN_KEY_UNUSABLE"];

/**
 * Chooses the part to sign with: the primary key when it can, else the first of the subkeys that can. So a new subkey
 * takes over when the one before has ended, and clients have had time to learn of it.
 *
 * @param halves.publicKey  what holds for the key, which may be newer than what the secret half says of itself
 * @throws ApplianceError `SIGN_KEY_EXPIRED`, `SIGN_KEY_REVOKED`, `SIGN_KEY_UNUSABLE`, saying of each part why it cannot
 */
export async function chooseSigningPart(
  halves: { readonly secret: PrivateKey; readonly publicKey: PublicKey },
  file: string,
  now: Date,
): Promise<PartLife> {
  const { secret, publicKey } = halves;
  const parts = await readKeyLife(publicKey, now);
  const found: Obstacle[] = [];
  for (const part of parts) {
    const obstacle = obstacleOf(part, secret, now);
    if (obstacle === undefined) return part;
    const name = part.isPrimary ? "the key" : `its subkey ${part.keyId}`;
    // Subkeys for encryption are nobody's concern here.
    if (part.isPrimary || part.isForSigning)
      found.push({ ...obstacle, fact: `${name} ${obstacle.fact}` });
  }
  const code =
    order.find((one) => found.some((obstacle) => obstacle.code === one)) ?? "SIGN_KEY_UNUSABLE";
  throw new ApplianceError(code, `${file}: ${found.map(({ fact }) => fact).join("; ")}`, {
    hint: "choose another key with --key, or make one with virt-appliance keys generate",
  });
}
