/**
 * What a program that guesses an image's format takes a file for. QEMU looks into the first 512 bytes (and, for a dmg,
 * at the name), libvirt's pools there and at 0x8001; a fixed VHD and a dmg have their mark at the end.
 * Source of truth: QEMU, the `*_probe` functions in block/*.c; libvirt, src/storage_file/storage_file_probe.c.
 */
import type { ReadAt } from "./finding.ts";

/** What the bytes of a file say it is. */
export type DetectedFormat =
  | "qcow"
  | "qcow2"
  | "vmdk"
  | "vdi"
  | "iso"
  | "qed"
  | "vhdx"
  | "vhd"
  | "luks"
  | "parallels"
  | "bochs"
  | "cloop"
  | "dmg"
  | "cow";

interface Signature {
  readonly format: DetectedFormat;
  readonly offset: number;
  readonly bytes: Buffer;
}

const HEAD_BYTES = 512;
const ISO_MAGIC_OFFSET = 0x8001;
const TRAILER_BYTES = 512;

const text = (format: DetectedFormat, magic: string, offset = 0): Signature => ({
  format,
  offset,
  bytes: Buffer.from(magic, "latin1"),
});

const signatures: readonly Signature[] = [
  text("qcow", "QFI\xfb\0\0\0\x01"),
  text("qcow2", "QFI\xfb"),
  text("qed", "QED\0"),
  text("vmdk", "KDMV"),
  text("vmdk", "COWD"),
  text("vmdk", "# Disk DescriptorFile"),
  text("vdi", "\x7f\x10\xda\xbe", 64),
  text("vhdx", "vhdxfile"),
  text("vhd", "conectix"),
  text("luks", "LUKS\xba\xbe"),
  text("parallels", "WithoutFreeSpace"),
  text("parallels", "WithouFreSpacExt"),
  text("bochs", "Bochs Virtual HD Image"),
  text("cloop", "#!/bin/sh\n#V2.0 Format\n"),
  text("cow", "OOOM"),
];

/** At the beginning of the last 512 bytes. */
const trailers: readonly Signature[] = [text("vhd", "conectix"), text("dmg", "koly")];

/** QEMU takes any text for a VMDK that says so behind comments and blank lines, and then opens the files it lists. */
const VMDK_TEXT = /^(?:#[^\n]*\n| +\r?\n)*version=[123]\r?\n/;

function find(candidates: readonly Signature[], bytes: Buffer): DetectedFormat | undefined {
  return candidates.find(({ offset, bytes: magic }) =>
    bytes.subarray(offset, offset + magic.length).equals(magic),
  )?.format;
}

/**
 * Returns what a file is by its content; undefined: plain bytes, as a raw disk is.
 *
 * @param sizeBytes  length of the file: what is marked at its end is found only where the end can be read
 */
export async function detectFormat(
  readAt: ReadAt,
  sizeBytes: number,
): Promise<DetectedFormat | undefined> {
  const head = await readAt(0, HEAD_BYTES);
  const found = find(signatures, head);
  if (found !== undefined) return found;
  if (VMDK_TEXT.test(head.toString("latin1"))) return "vmdk";
  const iso = await readAt(ISO_MAGIC_OFFSET, 5);
  if (iso.toString("latin1") === "CD001") return "iso";
  if (sizeBytes < TRAILER_BYTES) return undefined;
  return find(trailers, await readAt(sizeBytes - TRAILER_BYTES, TRAILER_BYTES));
}
