import { algorithmOf } from "./key-strength.ts";
import { parsePublicKeys } from "./openpgp/index.ts";
import type { Signer } from "./signer.ts";

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
 * Returns a signer for plans, which needs no secret half. Instead of a signature it returns zeros of the same length.
 * Its output must never be published.
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
