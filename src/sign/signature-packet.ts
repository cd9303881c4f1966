/*
 * An OpenPGP version 4 signature packet (RFC 9580, sections 4.2.2 and 5.2.3), integers big-endian:
 *
 *   u8 0x88 | length type, u8/u16/u32 length      old-format header of packet type 2, as gpg writes it
 *   u8 version = 4, u8 signature type, u8 public-key algorithm, u8 hash algorithm
 *   u16 length, hashed subpackets                 covered by the signature
 *   u16 length, unhashed subpackets               not covered: we write none and accept little there
 *   u16 first two bytes of the digest
 *   multiprecision integers: u16 bits, then the bytes without leading zeros
 *
 * What is signed: the data, everything up to the end of the hashed subpackets, then 04 ff and that length as u32.
 *
 * No subpacket is written as critical. rpm 4.14 treats a critical creation time as unknown and shows 1970; rpm 4.16 to
 * 4.18 refuse to import a key whose self-signature has a critical expiry (measured with 4.18).
 */

/** Signature types that are written or accepted. */
export const signatureTypes = { binary: 0x00, positiveCertification: 0x13 } as const;

/** Subpackets that are written or read, by their names in RFC 9580, 5.2.3.7. */
export const subpacketTypes = {
  creationTime: 2,
  expirationTime: 3,
  keyExpirationTime: 9,
  preferredSymmetric: 11,
  issuerKeyId: 16,
  preferredHash: 21,
  preferredCompression: 22,
  keyServerPreferences: 23,
  primaryUserId: 25,
  keyFlags: 27,
  features: 30,
  embeddedSignature: 32,
  issuerFingerprint: 33,
} as const;

/** One subpacket, without its length. */
export interface Subpacket {
  readonly type: number;
  readonly critical: boolean;
  readonly body: Uint8Array;
}

/** A decoded signature packet. */
export interface SignatureParts {
  readonly version: number;
  readonly signatureType: number;
  readonly publicKeyAlgorithm: number;
  readonly hashAlgorithm: number;
  readonly hashed: readonly Subpacket[];
  readonly unhashed: readonly Subpacket[];
  /** From the version to the end of the hashed subpackets: the part that is signed. */
  readonly signedPart: Uint8Array;
}

/** Big-endian u16. */
export function encodeUint16(value: number): Uint8Array {
  return Uint8Array.of((value >>> 8) & 0xff, value & 0xff);
}

/** Big-endian u32. */
export function encodeUint32(value: number): Uint8Array {
  return Uint8Array.of(
    (value >>> 24) & 0xff,
    (value >>> 16) & 0xff,
    (value >>> 8) & 0xff,
    value & 0xff,
  );
}

function encodeSubpackets(subpackets: readonly Subpacket[]): Uint8Array {
  const chunks = subpackets.map(({ type, critical, body }) => {
    if (body.length + 1 > 191) throw new TypeError("subpacket longer than 190 bytes");
    return Buffer.concat([Uint8Array.of(body.length + 1, type | (critical ? 0x80 : 0)), body]);
  });
  const area = Buffer.concat(chunks);
  return Buffer.concat([encodeUint16(area.length), area]);
}

/** Encodes what comes before the unhashed subpackets: the part that is signed together with the data. */
export function encodeSignedPart(parts: {
  readonly signatureType: number;
  readonly publicKeyAlgorithm: number;
  readonly hashAlgorithm: number;
  readonly hashed: readonly Subpacket[];
}): Uint8Array {
  return Buffer.concat([
    Uint8Array.of(4, parts.signatureType, parts.publicKeyAlgorithm, parts.hashAlgorithm),
    encodeSubpackets(parts.hashed),
  ]);
}

/** Encodes the bytes that are hashed last, after the data and the signed part. */
export function encodeHashTrailer(signedPart: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x04, 0xff), encodeUint32(signedPart.length)]);
}

/** Encodes a number given as big-endian bytes. */
export function encodeMpi(number: Uint8Array): Uint8Array {
  let start = 0;
  while (start < number.length && number[start] === 0) start += 1;
  const bytes = number.subarray(start);
  const bits = bytes.length === 0 ? 0 : (bytes.length - 1) * 8 + (32 - Math.clz32(bytes[0] ?? 0));
  return Buffer.concat([encodeUint16(bits), bytes]);
}

/** Encodes a whole packet, with an old-format header and no unhashed subpackets. */
export function encodeSignature(
  signedPart: Uint8Array,
  digestStart: Uint8Array,
  numbers: readonly Uint8Array[],
): Uint8Array {
  const body = Buffer.concat([
    signedPart,
    encodeUint16(0),
    digestStart.subarray(0, 2),
    ...numbers.map(encodeMpi),
  ]);
  const header =
    body.length < 0x100
      ? Uint8Array.of(0x88, body.length)
      : Buffer.concat([Uint8Array.of(0x89), encodeUint16(body.length)]);
  return Buffer.concat([header, body]);
}
