import { config as defaults, enums, readSignature } from "openpgp";
import type { Config, PublicKey, Subkey } from "openpgp";
import { isPlainlyGood } from "../rsa-match.ts";
import { config } from "./config.ts";

/** Which hashes are good enough is for the caller to say: packages of old distributions are signed over SHA-1. */
const anyHash: Config = {
  ...defaults,
  ...config,
  rejectHashAlgorithms: new Set(),
  rejectMessageHashAlgorithms: new Set(),
};

/**
 * Returns why a key did not make the signature packet whose hash is `digest`; undefined when it did. Times, the
 * state of the key and the strength of the hash are not looked at.
 *
 * @param digest  of the data, the signed part and its trailer, with the signature's hash algorithm
 */
export async function signatureFault(
  key: PublicKey | Subkey,
  packet: Uint8Array,
  digest: Uint8Array,
): Promise<string | undefined> {
  try {
    const [signature] = (await readSignature({ binarySignature: packet, config })).packets;
    if (signature === undefined) return "not an OpenPGP signature";
    if (isPlainlyGood(key.keyPacket, signature, digest)) return undefined;
    // The library takes a finished hash from this field, as it does itself after a one-pass signature.
    Object.assign(signature, { hashed: digest });
    // Checked at the moment when it was made: whether it has expired is for the caller to say.
    const at = signature.created ?? new Date(0);
    const { binary } = enums.signature;
    await signature.verify(key.keyPacket, binary, new Uint8Array(), at, true, anyHash);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : "not an OpenPGP signature";
  }
}
