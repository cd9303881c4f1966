/**
 * The payload: a cpio archive in one of two forms, chosen for the whole package.
 *
 * newc: 110 bytes of ASCII, `070701` and 13 fields of 8 lower-case hex digits (inode, mode, uid, gid, links, mtime,
 * size, device major and minor, rdev major and minor, length of the name with its NUL, checksum), then the name, `.`
 * before the absolute path, then the content; each padded with zeros to a multiple of 4 bytes. Files must be smaller
 * than 4 GiB.
 *
 * stripped: `07070X` and 8 hex digits, the position of the file in the header, padded to 4 bytes, then the content; all
 * else stands in the header, so sizes have no limit. rpm reads it since 4.12; cpio(1) does not.
 *
 * Either ends with a newc entry named `TRAILER!!!`.
 * Source: cpio(5), SVR4 format; rpm `lib/cpio.c`.
 */

const NEWC_MAGIC = "070701";
const STRIPPED_MAGIC = "07070X";
const TRAILER_NAME = "TRAILER!!!";
const ALIGN = 4;

/** Smallest file size, in bytes, that the newc form and 32-bit size tags cannot hold; rpm compares with this. */
export const LARGE_FILE_BYTES = 0xffff_ffff;

/** Fields of an entry in the newc form. */
export interface CpioEntry {
  /** Absolute path on the host. */
  readonly path: string;
  /** File type and permissions. */
  readonly mode: number;
  readonly inode: number;
  /** Number of names that the file has. Default: 1. */
  readonly links?: number;
  readonly mtimeSeconds: number;
  /** Bytes of content that follow: 0 for all names of a file with several but the last. */
  readonly sizeBytes: number;
}

/** Returns the number of zero bytes that pad a length to a multiple of 4. */
export function cpioPadding(lengthBytes: number): number {
  return (ALIGN - (lengthBytes % ALIGN)) % ALIGN;
}

function padded(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.alloc(length + cpioPadding(length));
  bytes.write(text);
  return bytes;
}

const hex = (value: number): string => value.toString(16).padStart(8, "0");

function newc(name: string, fields: Omit<CpioEntry, "path">): Buffer {
  const { inode, mode, links = 1, mtimeSeconds, sizeBytes } = fields;
  const nameBytes = Buffer.byteLength(name) + 1;
  const numbers = [inode, mode, 0, 0, links, mtimeSeconds, sizeBytes, 0, 0, 0, 0, nameBytes, 0];
  return padded(`${NEWC_MAGIC}${numbers.map(hex).join("")}${name}\0`);
}

/** Encodes the header of an entry in the newc form, with owner and group 0, as rpmbuild does. */
export function encodeNewcEntry(entry: CpioEntry): Buffer {
  if (entry.sizeBytes >= LARGE_FILE_BYTES) throw new TypeError(`${entry.path} is too large`);
  return newc(`.${entry.path}`, entry);
}

/** Encodes the header of an entry in the stripped form. */
export function encodeStrippedEntry(fileIndex: number): Buffer {
  return padded(`${STRIPPED_MAGIC}${hex(fileIndex)}`);
}

/** Encodes the end of an archive of either form. */
export function encodeTrailer(): Buffer {
  return newc(TRAILER_NAME, { inode: 0, mode: 0, mtimeSeconds: 0, sizeBytes: 0 });
}
