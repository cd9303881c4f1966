/*
 * A tar header is one block of 512 bytes (POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar
 * Format"):
 *
 *   0 name 100 | 100 mode 8 | 108 uid 8 | 116 gid 8 | 124 size 12 | 136 mtime 12 | 148 checksum 8 | 156 type 1
 *   157 link name 100 | 257 magic 6 | 263 version 2 | 265 uname 32 | 297 gname 32 | 329 major 8 | 337 minor 8
 *   345 prefix 155                                                              (POSIX: magic "ustar\0")
 *   386 sparse 4 x (offset 12, length 12) | 482 extended 1 | 483 real size 12   (GNU: magic "ustar ", version " \0")
 *
 * Numbers are octal text terminated by NUL or space, or, if the first bit is set, big-endian two's complement
 * (base-256).
 */

/** Size of every tar block. */
export const BLOCK_BYTES = 512;

/** The fields of a header block that this program uses, not yet combined with extension headers. */
export interface TarHeader {
  /** Type flag as a character; NUL (old archives) is returned as "0". */
  readonly type: string;
  readonly name: string;
  readonly linkName: string;
  /** Number of bytes stored after the header, without padding. */
  readonly sizeBytes: number;
  readonly mode: number;
  readonly mtimeSeconds: number;
}

/** A block, or the member that it describes, is malformed. */
export class TarFormatError extends Error {}

/** A block is not a header. */
export class NoHeaderError extends TarFormatError {}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes a name. A name that is not UTF-8 is refused, because decoding would change it. */
export function decodeName(bytes: Uint8Array, what: string): string {
  try {
    return strictUtf8.decode(bytes);
  } catch (error) {
    throw new TarFormatError(`${what} is not UTF-8`, { cause: error });
  }
}

function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

/**
 * Decodes a number field. A blank field is 0.
 *
 * @throws TarFormatError when it is not a number, or too large for an exact double
 */
export function decodeNumber(field: Buffer, what: string): number {
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) return decodeBase256(field, what);
  const text = untilNul(field).toString("latin1").trim();
  if (text === "") return 0;
  if (!/^[0-7]+$/.test(text)) throw new TarFormatError(`${what} "${text}" is not an octal number`);
  return checkExact(Number.parseInt(text, 8), what);
}

function decodeBase256(field: Buffer, what: string): number {
  const negative = field[0] === 0xff;
  if (!negative && field[0] !== 0x80) throw new TarFormatError(`${what} is too large`);
  const unsigned = BigInt(`0x${field.subarray(1).toString("hex")}`);
  const value = negative ? unsigned - (1n << BigInt((field.length - 1) * 8)) : unsigned;
  return checkExact(Number(value), what);
}

function checkExact(value: number, what: string): number {
  if (!Number.isSafeInteger(value)) throw new TarFormatError(`${what} is too large`);
  return value;
}

/** Like {@link decodeNumber}, but refuses negative numbers. */
export function decodeSize(field: Buffer, what: string): number {
  const value = decodeNumber(field, what);
  if (value < 0) throw new TarFormatError(`${what} ${value} is negative`);
  return value;
}

/** Returns whether a block contains only zeros: two such blocks end an archive. */
export function isZeroBlock(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function checksumMatches(block: Buffer): boolean {
  let stated: number;
  try {
    stated = decodeNumber(block.subarray(148, 156), "checksum");
  } catch {
    return false;
  }
  let unsigned = 0;
  let signed = 0;
  for (const [index, byte] of block.entries()) {
    const counted = index >= 148 && index < 156 ? 0x20 : byte;
    unsigned += counted;
    // Some old writers computed the sum of signed characters.
    signed += counted > 127 ? counted - 256 : counted;
  }
  return stated === unsigned || stated === signed;
}

/**
 * Decodes a header block.
 *
 * @throws TarFormatError when the checksum or a field is wrong
 */
export function decodeHeader(block: Buffer): TarHeader {
  if (!checksumMatches(block)) throw new NoHeaderError("header has a wrong checksum");
  const isPosix = block.subarray(257, 263).equals(Buffer.from("ustar\0", "latin1"));
  const name = decodeName(untilNul(block.subarray(0, 100)), "name");
  const prefix = isPosix ? decodeName(untilNul(block.subarray(345, 500)), "name prefix") : "";
  const flag = block[156] ?? 0;
  return {
    type: flag === 0 ? "0" : String.fromCharCode(flag),
    name: prefix === "" ? name : `${prefix}/${name}`,
    linkName: decodeName(untilNul(block.subarray(157, 257)), "link name"),
    sizeBytes: decodeSize(block.subarray(124, 136), "size"),
    mode: decodeSize(block.subarray(100, 108), "mode") & 0o7777,
    mtimeSeconds: decodeNumber(block.subarray(136, 148), "modification time"),
  };
}
