/**
 * qcow (version 1), big-endian: 0 magic "QFI\xfb"  4 version = 1  8 backing file offset  16 backing file size
 * 20 mtime  24 size  32 cluster bits  33 L2 bits  36 encryption  40 L1 offset.
 * Source of truth: QEMU, block/qcow.c.
 */
import {
  corrupt,
  type HeaderFacts,
  namesOtherFile,
  quote,
  type ReadAt,
  readFileName,
  type Refusal,
  sizeRefusals,
} from "./finding.ts";

const HEADER_BYTES = 48;

/** Reads a qcow version 1 header, and returns the reasons to refuse the image. */
export async function readQcow1Header(readAt: ReadAt): Promise<HeaderFacts> {
  const bytes = await readAt(0, HEADER_BYTES);
  if (bytes.length < HEADER_BYTES) {
    return corrupt(`the qcow header has ${bytes.length} bytes, expected ${HEADER_BYTES}`);
  }
  const version = bytes.readUInt32BE(4);
  if (version !== 1) return corrupt(`qcow version ${version}, expected 1`);
  const sizeBytes = bytes.readBigUInt64BE(24);
  const refusals: Refusal[] = [...sizeRefusals(sizeBytes)];
  const backingOffset = bytes.readBigUInt64BE(8);
  const backingLength = bytes.readUInt32BE(16);
  if (backingOffset !== 0n || backingLength !== 0) {
    const offset = Number(backingOffset);
    const name = Number.isSafeInteger(offset)
      ? await readAt(offset, Math.min(backingLength, 1023))
      : Buffer.alloc(0);
    refusals.push(
      namesOtherFile("a backing file", quote(name), "flatten it: qemu-img convert -O qcow2"),
    );
  }
  if (bytes.readUInt32BE(36) !== 0) {
    refusals.push({
      code: "IMAGE_ENCRYPTED",
      message: "the image is encrypted, expected an unencrypted image",
      hint: "decrypt it first with qemu-img convert and its --object secret",
    });
  }
  return { virtualSizeBytes: Number(sizeBytes), refusals, warnings: [] };
}

/** Returns the name of the backing file; undefined when the header cannot be read. */
export async function readQcow1Names(readAt: ReadAt): Promise<readonly string[] | undefined> {
  const header = await readAt(0, 20);
  if (header.length < 20) return undefined;
  return readFileName(readAt, Number(header.readBigUInt64BE(8)), header.readUInt32BE(16));
}
