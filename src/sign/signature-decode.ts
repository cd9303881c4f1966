import {
  encodeMpi,
  type SignatureParts,
  type Subpacket,
  subpacketTypes,
} from "./signature-packet.ts";

/** A decoded signature packet in any valid form. */
export interface LaxSignature extends SignatureParts {
  /** The first two bytes of the digest, for early detection of a wrong signature. */
  readonly digestStart: Uint8Array;
  /** The signature itself, big-endian. */
  readonly numbers: readonly Uint8Array[];
  /** Unusual forms that no signer writes, and in which a packet can be changed without breaking the signature. */
  readonly oddities: readonly string[];
}

/** Subpackets that may be outside the signed part: they only identify the signer, and a wrong one matches no key. */
const allowedUnhashed: ReadonlySet<number> = new Set([
  subpacketTypes.issuerKeyId,
  subpacketTypes.issuerFingerprint,
]);

/** Reason for refusing a packet; caught in this folder and converted into a result. */
export class SignaturePacketError extends Error {}

/** A packet of an unsupported version. */
export class UnknownSignatureError extends SignaturePacketError {}

/** Reads big-endian numbers and byte ranges, and refuses to read past the end. */
class Reader {
  private readonly bytes: Uint8Array;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.position;
  }

  take(count: number): Uint8Array {
    if (count > this.left) {
      throw new SignaturePacketError(
        `ends after ${this.bytes.length} bytes, ${count - this.left} too early`,
      );
    }
    this.position += count;
    return this.bytes.subarray(this.position - count, this.position);
  }

  number(count: number): number {
    return this.take(count).reduce((sum, byte) => sum * 0x100 + byte, 0);
  }
}

function readBody(bytes: Uint8Array): Uint8Array {
  const reader = new Reader(bytes);
  const tag = reader.number(1);
  let length: number;
  if ((tag & 0xfc) === 0x88 && tag !== 0x8b) {
    length = reader.number(1 << (tag & 3));
  } else if (tag === 0xc2) {
    const first = reader.number(1);
    if (first < 192) length = first;
    else if (first < 224) length = (first - 192) * 0x100 + reader.number(1) + 192;
    else if (first === 255) length = reader.number(4);
    else throw new SignaturePacketError("has a partial length");
  } else {
    throw new SignaturePacketError(
      `starts with 0x${tag.toString(16)}, which is not a signature packet`,
    );
  }
  if (length !== reader.left) {
    throw new SignaturePacketError(`declares ${length} bytes, but ${reader.left} follow`);
  }
  return reader.take(length);
}

function readSubpackets(area: Uint8Array): Subpacket[] {
  const reader = new Reader(area);
  const subpackets: Subpacket[] = [];
  while (reader.left > 0) {
    const first = reader.number(1);
    const length =
      first < 192
        ? first
        : first < 255
          ? (first - 192) * 0x100 + reader.number(1) + 192
          : reader.number(4);
    if (length === 0) throw new SignaturePacketError("has an empty subpacket");
    const type = reader.number(1);
    subpackets.push({
      type: type & 0x7f,
      critical: (type & 0x80) !== 0,
      body: reader.take(length - 1),
    });
  }
  return subpackets;
}

/** Reads numbers up to the end of the packet. */
function readNumbers(reader: Reader, oddities: string[]): Uint8Array[] {
  const numbers: Uint8Array[] = [];
  while (reader.left > 0) {
    const start = reader.number(2);
    const bytes = reader.take(Math.ceil(start / 8));
    const found = Buffer.concat([Uint8Array.of(start >>> 8, start & 0xff), bytes]);
    if (!found.equals(encodeMpi(bytes)))
      oddities.push("contains a number that is not in its shortest form");
    numbers.push(bytes);
  }
  return numbers;
}

function oddUnhashed(unhashed: readonly Subpacket[]): string[] {
  return unhashed
    .filter(({ type, critical }) => !allowedUnhashed.has(type) || critical)
    .map(({ type }) => `has subpacket ${type} outside its signed part`);
}

/** Version 3: fixed fields, of which type and time are signed. */
function decodeVersion3(reader: Reader): LaxSignature {
  const hashedLength = reader.number(1);
  if (hashedLength !== 5) throw new SignaturePacketError(`signs ${hashedLength} bytes, expected 5`);
  const signedPart = reader.take(5);
  const issuer = reader.take(8);
  const [publicKeyAlgorithm, hashAlgorithm] = [reader.number(1), reader.number(1)];
  const digestStart = reader.take(2);
  const oddities: string[] = [];
  const numbers = readNumbers(reader, oddities);
  const plain = (type: number, body: Uint8Array): Subpacket => ({ type, critical: false, body });
  return {
    version: 3,
    signatureType: signedPart[0] ?? 0,
    publicKeyAlgorithm,
    hashAlgorithm,
    hashed: [plain(subpacketTypes.creationTime, signedPart.subarray(1))],
    unhashed: [plain(subpacketTypes.issuerKeyId, issuer)],
    signedPart,
    digestStart,
    numbers,
    oddities,
  };
}

/**
 * Decodes exactly one signature packet of version 3 or 4, in any valid form.
 *
 * @throws SignaturePacketError whose message continues "the signature packet"
 */
export function decodeLaxSignature(bytes: Uint8Array): LaxSignature {
  const body = readBody(bytes);
  const reader = new Reader(body);
  const version = reader.number(1);
  if (version === 3) return decodeVersion3(reader);
  if (version !== 4) throw new UnknownSignatureError(`has version ${version}, expected 4`);
  const [signatureType, publicKeyAlgorithm, hashAlgorithm] = [
    reader.number(1),
    reader.number(1),
    reader.number(1),
  ];
  const hashed = readSubpackets(reader.take(reader.number(2)));
  const signedPart = body.subarray(0, reader.position);
  const unhashed = readSubpackets(reader.take(reader.number(2)));
  const oddities = oddUnhashed(unhashed);
  const digestStart = reader.take(2);
  const numbers = readNumbers(reader, oddities);
  return {
    version,
    signatureType,
    publicKeyAlgorithm,
    hashAlgorithm,
    hashed,
    unhashed,
    signedPart,
    digestStart,
    numbers,
    oddities,
  };
}

/**
 * Decodes exactly one signature packet of version 4. Refuses every form except the one that signers write, so that
 * bytes that the signature does not cover cannot be changed undetected.
 *
 * @throws SignaturePacketError whose message continues "the signature packet"
 */
export function decodeSignature(bytes: Uint8Array): SignatureParts {
  const { digestStart: _start, numbers: _numbers, oddities, ...parts } = decodeLaxSignature(bytes);
  if (parts.version !== 4) {
    throw new SignaturePacketError(`has version ${parts.version}, expected 4`);
  }
  const [odd] = oddities;
  if (odd !== undefined) throw new SignaturePacketError(odd);
  return parts;
}

/** Returns the long key id of the signer (16 lower-case hex digits); undefined if the signature has none. */
export function issuerOf(parts: SignatureParts): string | undefined {
  const all = [...parts.hashed, ...parts.unhashed];
  const ids = all.flatMap(({ type, body }) => {
    if (!allowedUnhashed.has(type)) return [];
    const wellFormed =
      type === subpacketTypes.issuerKeyId ? body.length === 8 : body.length === 21 && body[0] === 4;
    if (!wellFormed) throw new SignaturePacketError("names its issuer in an unknown form");
    return [Buffer.from(body.subarray(-8)).toString("hex")];
  });
  const [first] = ids;
  if (ids.some((id) => id !== first)) {
    throw new SignaturePacketError("names two issuers that differ");
  }
  return first;
}

/**
 * Returns the types of the subpackets that are marked critical.
 *
 * @param signedPart  signed part of a version 4 signature, starting with the version
 */
export function criticalSubpackets(signedPart: Uint8Array): number[] {
  const reader = new Reader(signedPart);
  if (reader.left < 6 || reader.number(1) !== 4) return [];
  reader.take(3);
  try {
    const subpackets = readSubpackets(reader.take(reader.number(2)));
    return subpackets.filter(({ critical }) => critical).map(({ type }) => type);
  } catch (error) {
    if (error instanceof SignaturePacketError) return [];
    throw error;
  }
}
