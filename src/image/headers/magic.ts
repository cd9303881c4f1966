import type { ReadAt } from "./finding.ts";

/** What the first bytes of a file say it is. */
export type DetectedFormat = "qcow" | "qcow2" | "vmdk" | "vdi" | "iso" | "qed" | "vhdx" | "vhd";

const ISO_MAGIC_OFFSET = 0x8001;

const signatures: readonly { format: DetectedFormat; offset: number; bytes: Buffer }[] = [
  { format: "qcow", offset: 0, bytes: Buffer.from("514649fb00000001", "hex") },
  { format: "qcow2", offset: 0, bytes: Buffer.from("514649fb", "hex") },
  { format: "qed", offset: 0, bytes: Buffer.from("QED\0", "latin1") },
  { format: "vmdk", offset: 0, bytes: Buffer.from("KDMV", "latin1") },
  { format: "vmdk", offset: 0, bytes: Buffer.from("COWD", "latin1") },
  { format: "vmdk", offset: 0, bytes: Buffer.from("# Disk DescriptorFile", "latin1") },
  { format: "vdi", offset: 64, bytes: Buffer.from("7f10dabe", "hex") },
  { format: "vhdx", offset: 0, bytes: Buffer.from("vhdxfile", "latin1") },
  { format: "vhd", offset: 0, bytes: Buffer.from("conectix", "latin1") },
];

/** Answers what a file is by its content; undefined: plain bytes, as a raw disk is. */
export async function detectFormat(readAt: ReadAt): Promise<DetectedFormat | undefined> {
  const head = await readAt(0, 512);
  const found = signatures.find(({ offset, bytes }) =>
    head.subarray(offset, offset + bytes.length).equals(bytes),
  );
  if (found !== undefined) return found.format;
  const iso = await readAt(ISO_MAGIC_OFFSET, 5);
  return iso.toString("latin1") === "CD001" ? "iso" : undefined;
}
