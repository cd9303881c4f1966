import { stat } from "node:fs/promises";
import type { DiskFormat } from "../appliance/index.ts";
import { readHead } from "../lib/compress.ts";
import { trimEndOf } from "../lib/trim-end.ts";

/** What the first bytes of a disk image tell. */
export interface DiskProbe {
  /** Undefined for a format that a descriptor cannot name. */
  readonly format: DiskFormat | undefined;
  /** What the file is, for messages: `qcow2`, `an xz archive`. */
  readonly kind: string;
  /** Size as seen by the machine; undefined when the header does not say it plainly. */
  readonly virtualSizeBytes: number | undefined;
  /** Whether part of the content is in another file. */
  readonly hasBackingFile: boolean;
  /** Of an ISO image. */
  readonly volumeLabel?: string | undefined;
}

const HEAD_BYTES = 33 * 1024;
const SECTOR_BYTES = 512;

const foreign: readonly (readonly [number, string, string])[] = [
  [0, "1f8b", "compressed with gzip"],
  [0, "fd377a585a00", "compressed with xz"],
  [0, "28b52ffd", "compressed with zstd"],
  [0, "425a68", "compressed with bzip2"],
  [0, "7668647866696c65", "a VHDX image"],
  [0, "636f6e6563746978", "a VHD image"],
  [0, "51454400", "a QED image"],
  [0, "4c554b53babe", "encrypted with LUKS"],
  [0, "504b0304", "a zip archive"],
  [0, "edabeedb", "an RPM package"],
  [257, "7573746172", "a tar archive"],
];

function has(head: Buffer, offset: number, hex: string): boolean {
  return head.subarray(offset, offset + hex.length / 2).toString("hex") === hex;
}

function sizeOf(value: bigint): number | undefined {
  return value > 0n && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

/** Returns the volume label of an ISO image: 32 characters of its first volume descriptor, filled up with spaces. */
function labelOf(head: Buffer): string {
  const start = 32 * 1024 + 40;
  return trimEndOf(head.subarray(start, start + 32).toString("latin1"), "\0 ");
}

function probeHead(head: Buffer, fileSizeBytes: number): DiskProbe {
  const known = foreign.find(([offset, hex]) => has(head, offset, hex));
  if (known !== undefined) {
    const kind = known[2];
    return { format: undefined, kind, virtualSizeBytes: undefined, hasBackingFile: false };
  }
  const answer = (format: DiskFormat, size: number | undefined, isChild = false): DiskProbe => ({
    format,
    kind: format,
    virtualSizeBytes: size,
    hasBackingFile: isChild,
  });
  // qcow and qcow2 have version, offset of the backing file's name, and size in the same places.
  if (has(head, 0, "514649fb") && head.length >= 32) {
    const format = head.readUInt32BE(4) === 1 ? "qcow" : "qcow2";
    return answer(format, sizeOf(head.readBigUInt64BE(24)), head.readBigUInt64BE(8) !== 0n);
  }
  if (has(head, 0, "4b444d56") && head.length >= 20) {
    const sectors = sizeOf(head.readBigUInt64LE(12));
    return answer("vmdk", sectors === undefined ? undefined : sectors * SECTOR_BYTES);
  }
  if (has(head, 0x40, "7f10dabe") && head.length >= 0x178) {
    return answer("vdi", sizeOf(head.readBigUInt64LE(0x170)));
  }
  // A disk that can be booted as well, of a hybrid ISO image, is an ISO image.
  const isIso = has(head, 32 * 1024 + 1, Buffer.from("CD001").toString("hex"));
  const size = fileSizeBytes === 0 ? undefined : fileSizeBytes;
  return isIso ? { ...answer("iso", size), volumeLabel: labelOf(head) } : answer("raw", size);
}

/** Returns what a file is as a disk, from its first bytes; undefined when there is no such plain file. */
export async function probeDisk(file: string): Promise<DiskProbe | undefined> {
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined || !stats.isFile()) return undefined;
  return probeHead(await readHead(file, HEAD_BYTES), stats.size);
}
