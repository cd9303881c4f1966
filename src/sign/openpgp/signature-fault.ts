import {
  type Config,
  config as defaults,
  enums,
  type PublicKey,
  readSignature,
  type Subkey,
} from "openpgp";
import { isPlainlyGood } from "../rsa-match.ts";
import { config } from "./config.ts";

/** The caller decides which hashes are acceptable: packages of old distributions have SHA-1 signatures. */
const anyHash: Config = {
  ...defaults,
  ...config,
  rejectHashAlgorithms: new Set(),
  rejectMessageHashAlgorithms: new Set(),
};

/**
 * Returns why a signature packet with the hash `digest` was not made by a key; undefined if it was. Does not check
 * times, the state of the key or the strength of the hash.
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
    // The library reads a finished hash from this field, as after a one-pass signature.
    Object.assign(signature, { hashed: digest });
    // Checked at its creation time; the caller checks its expiry.
    const at = signature.created ?? new Date(0);
    const { binary } = enums.signature;
    await signature.verify(key.keyPacket, binary, new Uint8Array(), at, true, anyHash);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : "not an OpenPGP signature";
  }
}
