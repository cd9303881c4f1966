import { decryptKey, enums, type PrivateKey, type Subkey } from "openpgp";
import { type PrivateNumbers, publicKeyAlgorithms } from "../packet-signer.ts";
import { config } from "./config.ts";

/** Returns an unlocked key, or undefined if the passphrase is wrong. */
export async function unlockKey(
  privateKey: PrivateKey,
  passphrase: string,
): Promise<PrivateKey | undefined> {
  try {
    return await decryptKey({ privateKey, passphrase, config });
  } catch (error) {
    if (error instanceof Error && error.message.includes("Incorrect key passphrase"))
      return undefined;
    throw error;
  }
}

/** Returns the secret numbers for signing, or undefined if keys of this kind cannot sign packages. */
export function privateNumbersOf(key: PrivateKey | Subkey): PrivateNumbers | undefined {
  const { keyPacket } = key;
  const { algorithm } = keyPacket;
  if (!("privateParams" in keyPacket)) return undefined;
  const params: Record<string, Uint8Array | undefined> = {
    ...keyPacket.publicParams,
    ...keyPacket.privateParams,
  };
  const { n, e, d, p, q, u, seed, Q: point } = params;
  if (n && e && d && p && q && u) {
    if (algorithm === enums.publicKey.rsaEncryptSign) {
      return { algorithm: publicKeyAlgorithms.rsa, n, e, d, p, q, u };
    }
    if (algorithm === enums.publicKey.rsaSign) {
      return { algorithm: publicKeyAlgorithms.rsaSignOnly, n, e, d, p, q, u };
    }
  }
  if (algorithm === enums.publicKey.eddsaLegacy && seed && point) {
    // The point has the prefix 0x40: "native form".
    return { algorithm: publicKeyAlgorithms.eddsaLegacy, seed, point: point.subarray(-32) };
  }
  return undefined;
}
