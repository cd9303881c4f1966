import { findPart } from "./key-facts.ts";
import { parsePublicKeys } from "./openpgp/index.ts";
import type { Signer } from "./signer.ts";
import { signingAlgorithm } from "./signing-algorithm.ts";

/** Bytes of a packet with an RSA signature, without the number, which has the length of the key. */
const RSA_PACKET_BYTES = 54;
/** Bytes of a packet with an Ed25519 signature. */
const EDDSA_PACKET_BYTES = 119;

/** The signing key. */
export interface PlannedKey {
  /** Of the primary key or a subkey. */
  readonly fingerprint: string;
  /** Armored. */
  readonly publicKey: string;
}

/** Throws a TypeError for a signer that is for plans only. */
export function refusePlanned(signer: Signer | undefined): void {
  if (signer?.isPlanned === true) throw new TypeError("a signer for plans cannot sign");
}

/**
 * Returns a signer for plans, which needs no secret half. Instead of a signature it returns zeros of the length that
 * signatures of this process and of gpg have. Its output must never be published.
 *
 * @throws ApplianceError `SIGN_KEY_UNUSABLE` if the key is neither RSA nor Ed25519
 */
export async function plannedSigner({ fingerprint, publicKey }: PlannedKey): Promise<Signer> {
  const origin = "the signing key";
  const keys = await parsePublicKeys(Buffer.from(publicKey), origin);
  const keyId = fingerprint.slice(-16);
  const key = keys.find((one) => findPart(one, keyId) !== undefined);
  if (key === undefined) throw new TypeError("the public half lacks the signing key");
  const algorithm = signingAlgorithm(key, keyId, origin);
  const bits = findPart(key, keyId)?.keyPacket.getAlgorithmInfo().bits ?? 0;
  const sizeBytes =
    algorithm === "EdDSA" ? EDDSA_PACKET_BYTES : Math.ceil(bits / 8) + RSA_PACKET_BYTES;
  return {
    fingerprint,
    keyId,
    algorithm,
    publicKey,
    isPlanned: true,
    sign: async () => new Uint8Array(sizeBytes),
  };
}
