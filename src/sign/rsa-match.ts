/*
 * Verifies RSA signatures (PKCS #1 v1.5) over a finished digest. The OpenPGP library computes them in JavaScript, which
 * takes a millisecond; OpenSSL takes a twentieth of that. This module refuses nothing: the library judges every
 * signature that is not clearly valid.
 */
import { constants, createPublicKey, type KeyObject, publicDecrypt } from "node:crypto";
import { publicKeyAlgorithms } from "./packet-signer.ts";
import { signatureTypes } from "./signature-packet.ts";

/** The last byte of the hash's object identifier (2.16.840.1.101.3.4.2.x), by OpenPGP's number of the hash. */
const hashArcs: ReadonlyMap<number, { readonly arc: number; readonly bytes: number }> = new Map([
  [8, { arc: 1, bytes: 32 }],
  [9, { arc: 2, bytes: 48 }],
  [10, { arc: 3, bytes: 64 }],
  [11, { arc: 4, bytes: 28 }],
]);

/** Minimum padding, with the bytes around it. */
const FRAME_BYTES = 11;

/** Each key is converted once, however many signatures it made. */
const keys = new WeakMap<object, KeyObject>();

function bytesIn(holder: unknown, name: string): Uint8Array | undefined {
  if (typeof holder !== "object" || holder === null) return undefined;
  const value: unknown = Reflect.get(holder, name);
  return value instanceof Uint8Array ? value : undefined;
}

function keyOf(publicParams: object): KeyObject | undefined {
  const known = keys.get(publicParams);
  if (known !== undefined) return known;
  const [n, e] = [bytesIn(publicParams, "n"), bytesIn(publicParams, "e")];
  if (n === undefined || e === undefined) return undefined;
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
  const key = createPublicKey({ key: { kty: "RSA", n: text(n), e: text(e) }, format: "jwk" });
  keys.set(publicParams, key);
  return key;
}

/** Returns the encoded message of a digest: 00 01 ff… 00, then the hash's identifier in DER and the digest. */
function encodeDigest(hash: number, digest: Uint8Array, bytes: number): Buffer | undefined {
  const known = hashArcs.get(hash);
  if (known === undefined || digest.length !== known.bytes) return undefined;
  const name = [0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 1, 101, 3, 4, 2, known.arc, 5, 0];
  const info = [0x30, name.length + 2 + digest.length, ...name, 4, digest.length];
  const length = info.length + digest.length;
  if (bytes < length + FRAME_BYTES) return undefined;
  const encoded = Buffer.alloc(bytes, 0xff);
  encoded.writeUInt16BE(1, 0);
  encoded.writeUInt8(0, bytes - length - 1);
  encoded.set(info, bytes - length);
  encoded.set(digest, bytes - digest.length);
  return encoded;
}

function isSignedBy(
  publicParams: object,
  signatureParams: unknown,
  { hash, digest }: { readonly hash: number | null; readonly digest: Uint8Array },
): boolean {
  try {
    const key = keyOf(publicParams);
    const number = bytesIn(signatureParams, "s");
    if (key === undefined || number === undefined || hash === null) return false;
    const bytes = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
    const expected = encodeDigest(hash, digest, bytes);
    if (expected === undefined || number.length > bytes) return false;
    const padded = Buffer.alloc(bytes);
    padded.set(number, bytes - number.length);
    return publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, padded).equals(expected);
  } catch {
    return false;
  }
}

interface KeyId {
  equals(other: KeyId): boolean;
}

/** The used fields of a key in the library. */
interface KeyParts {
  readonly algorithm: number | null;
  readonly publicParams: object;
  getKeyID(): KeyId;
}

/** The used fields of a signature in the library; `params`, with its numbers, is not declared. */
interface SignatureParts {
  readonly signatureType: number | null;
  readonly publicKeyAlgorithm: number | null;
  readonly hashAlgorithm: number | null;
  readonly issuerKeyID: KeyId;
  readonly created: Date | null;
  readonly signedHashValue: Uint8Array | null;
  readonly unknownSubpackets: readonly unknown[];
  readonly rawNotations: readonly unknown[];
  readonly revocationKeyClass: number | null;
  getExpirationTime(): Date | number;
}

const { rsa, rsaSignOnly } = publicKeyAlgorithms;

/**
 * True if a signature is clearly valid for an RSA key, and needs no other checks of the library.
 *
 * @param digest  digest of the covered data, with the signature's hash algorithm
 */
export function isPlainlyGood(
  key: KeyParts,
  signature: SignatureParts,
  digest: Uint8Array,
): boolean {
  const { publicKeyAlgorithm: algorithm, signedHashValue: start, created } = signature;
  return (
    (algorithm === rsa || algorithm === rsaSignOnly) &&
    key.algorithm === algorithm &&
    signature.issuerKeyID.equals(key.getKeyID()) &&
    signature.signatureType === signatureTypes.binary &&
    start?.[0] === digest[0] &&
    start?.[1] === digest[1] &&
    created !== null &&
    signature.getExpirationTime() > created &&
    signature.unknownSubpackets.length === 0 &&
    signature.rawNotations.length === 0 &&
    signature.revocationKeyClass === null &&
    isSignedBy(key.publicParams, Reflect.get(signature, "params"), {
      hash: signature.hashAlgorithm,
      digest,
    })
  );
}
