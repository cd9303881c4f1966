import { stat } from "node:fs/promises";
import { type DiskFormat, isDiskFormat, isPlainFormat } from "../appliance/index.ts";
import { type ExaminedHeader, examineFile, type ForeignFormat } from "../image/index.ts";
import { detectCompression, readHead } from "../lib/bytes/compress.ts";
import { trimEndOf } from "../lib/trim-end.ts";

/** Facts from the first bytes of a disk image. */
export interface DiskProbe {
  /** Undefined for a format that a descriptor cannot name. */
  readonly format: DiskFormat | undefined;
  /** Kind of the file, for messages: `qcow2`, `an xz archive`. */
  readonly kind: string;
  /** Size as seen by the machine; undefined if the header does not state it directly. */
  readonly virtualSizeBytes: number | undefined;
  /** Whether part of the content is in another file. */
  readonly hasBackingFile: boolean;
  /** Of an ISO image. */
  readonly volumeLabel?: string | undefined;
}

const HEAD_BYTES = 33 * 1024;

/** Images that no descriptor can name, and no raw disks either. */
const foreign: Readonly<Record<ForeignFormat, string>> = {
  qed: "a QED image",
  vhdx: "a VHDX image",
  vhd: "a VHD image",
  luks: "encrypted with LUKS",
  parallels: "a Parallels image",
  bochs: "a Bochs image",
  cloop: "a cloop image",
  dmg: "a DMG image",
  cow: "a COW image",
};

/** Files that are no images at all, by bytes at an offset, in hex. */
const mistakes: readonly (readonly [number, string, string])[] = [
  [0, "504b0304", "a zip archive"],
  [0, "edabeedb", "an RPM package"],
  [257, "7573746172", "a tar archive"],
];

/** Returns what a file is that no VM has as a disk; undefined when it may be one. */
function mistakenFor(head: Buffer): string | undefined {
  const compression = detectCompression(head);
  if (compression !== "none") return `compressed with ${compression}`;
  return mistakes.find(
    ([offset, hex]) => head.subarray(offset, offset + hex.length / 2).toString("hex") === hex,
  )?.[2];
}

/** Returns the volume label of an ISO image: 32 characters of its first volume descriptor, filled up with spaces. */
function labelOf(head: Buffer): string {
  const start = 32 * 1024 + 40;
  return trimEndOf(head.subarray(start, start + 32).toString("latin1"), "\0 ");
}

function unusable(kind: string): DiskProbe {
  return { format: undefined, kind, virtualSizeBytes: undefined, hasBackingFile: false };
}

function sizeOf({ sizeBytes, facts }: ExaminedHeader, format: DiskFormat): number | undefined {
  const size = isPlainFormat(format) ? sizeBytes : facts?.virtualSizeBytes;
  return size !== undefined && size > 0 && Number.isSafeInteger(size) ? size : undefined;
}

/** Returns what a file is as a disk, by its header; undefined when there is no such plain file. */
export async function probeDisk(file: string): Promise<DiskProbe | undefined> {
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined || !stats.isFile()) return undefined;
  const head = await readHead(file, HEAD_BYTES);
  const mistake = mistakenFor(head);
  if (mistake !== undefined) return unusable(mistake);
  const examined = await examineFile(file);
  const format = examined.detected ?? "raw";
  if (!isDiskFormat(format)) return unusable(foreign[format]);
  const refusals = examined.facts?.refusals ?? [];
  return {
    format,
    kind: format,
    virtualSizeBytes: sizeOf(examined, format),
    hasBackingFile: refusals.some(
      ({ code }) => code === "IMAGE_BACKING_FILE" || code === "IMAGE_EXTERNAL_DATA",
    ),
    // A hybrid ISO image, which is also a bootable disk, counts as an ISO image.
    ...(format === "iso" ? { volumeLabel: labelOf(head) } : {}),
  };
}
