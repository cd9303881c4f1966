import { algorithmOf } from "./key-strength.ts";
import { parsePublicKeys } from "./openpgp/index.ts";
import type { Signer } from "./signer.ts";

/** Of a packet with an RSA signature besides the number, which is as long as the key. */
const RSA_PACKET_BYTES = 54;
/** Of a packet with an Ed25519 signature. */
const EDDSA_PACKET_BYTES = 119;

/** The key that will sign. */
export interface PlannedKey {
  /** Of the primary key or of a subkey. */
  readonly fingerprint: string;
  /** Armored. */
  readonly publicKey: string;
}

/** Throws a TypeError for a signer that is for plans only: what it gives is no signature. */
export function refusePlanned(signer: Signer | undefined): void {
  if (signer?.isPlanned === true) throw new TypeError("a signer for plans cannot sign");
}

/**
 * Returns a signer for plans, which needs no secret half: instead of a signature it gives zeros, as many bytes as a real
 * one has. What is made with it must never be published.
 */
export async function plannedSigner({ fingerprint, publicKey }: PlannedKey): Promise<Signer> {
  const keys = await parsePublicKeys(Buffer.from(publicKey), "the signing key");
  const part = keys
    .flatMap((key) => key.getKeys())
    .find((one) => one.getFingerprint() === fingerprint);
  const bits = part && /^RSA-(\d+)$/.exec(algorithmOf(part.keyPacket))?.[1];
  const sizeBytes =
    bits === undefined ? EDDSA_PACKET_BYTES : Math.ceil(Number(bits) / 8) + RSA_PACKET_BYTES;
  return {
    fingerprint,
    keyId: fingerprint.slice(-16),
    algorithm: bits === undefined ? "EdDSA" : "RSA",
    publicKey,
    isPlanned: true,
    sign: async () => new Uint8Array(sizeBytes),
  };
}
