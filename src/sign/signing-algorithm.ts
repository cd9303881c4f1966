import { ApplianceError } from "../errors.ts";
import { findPart } from "./key-facts.ts";
import { algorithmOf } from "./key-strength.ts";
import type { PublicKey } from "./openpgp/index.ts";
import { publicKeyAlgorithms } from "./packet-signer.ts";
import type { Signer } from "./signer.ts";

const names: ReadonlyMap<number, Signer["algorithm"]> = new Map([
  [publicKeyAlgorithms.rsa, "RSA"],
  [publicKeyAlgorithms.rsaSignOnly, "RSA"],
  [publicKeyAlgorithms.eddsaLegacy, "EdDSA"],
]);

/** Returns the error for a key whose signatures some supported rpm cannot verify. */
export function unusableKind(origin: string, kind: string): ApplianceError {
  return new ApplianceError(
    "SIGN_KEY_UNUSABLE",
    `${origin}: the key has type ${kind}, expected RSA or Ed25519 of OpenPGP version 4`,
    { hint: "rpm before 4.19 cannot verify other types, and every rpm can verify RSA" },
  );
}

/**
 * Returns the algorithm of a signing part.
 *
 * @throws ApplianceError `SIGN_KEY_UNUSABLE` if it is neither RSA nor Ed25519
 */
export function signingAlgorithm(
  key: PublicKey,
  keyId: string,
  origin: string,
): Signer["algorithm"] {
  const packet = findPart(key, keyId)?.keyPacket;
  if (packet === undefined) throw new TypeError("a key lost one of its parts");
  const name = names.get(packet.algorithm);
  if (name === undefined) throw unusableKind(origin, algorithmOf(packet));
  return name;
}
