import { ApplianceError } from "../errors.ts";
import { findPart, partStateAt } from "./key-facts.ts";
import { type PartLife, readKeyLife } from "./key-life.ts";
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

/** Causes in order: the one that its owner can most easily fix comes first. */
const order: readonly Code[] = ["SIGN_KEY_EXPIRED", "SIGN_KEY_REVOKED", "SIGN_KEY_UNUSABLE"];

/**
 * Chooses the signing part: the primary key if it can sign, otherwise the first subkey that can. So a new subkey takes
 * over when the previous one has ended, and clients had time to import it.
 *
 * @param halves.publicKey  the valid state of the key, which may be newer than that in the secret half
 * @throws ApplianceError `SIGN_KEY_EXPIRED`, `SIGN_KEY_REVOKED`, `SIGN_KEY_UNUSABLE`, with the reason for each part
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
    // Subkeys for encryption are ignored.
    if (part.isPrimary || part.isForSigning)
      found.push({ ...obstacle, fact: `${name} ${obstacle.fact}` });
  }
  const code =
    order.find((one) => found.some((obstacle) => obstacle.code === one)) ?? "SIGN_KEY_UNUSABLE";
  throw new ApplianceError(code, `${file}: ${found.map(({ fact }) => fact).join("; ")}`, {
    hint: "choose another key with --key, or create one with virt-appliance keys generate",
  });
}
