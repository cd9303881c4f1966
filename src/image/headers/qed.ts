/**
 * QED, little-endian: 0 magic "QED\0"  16 features (bit 0: there is a backing file)  56 offset of its name  60 its
 * length. Source of truth: QEMU, docs/interop/qed_spec.txt.
 */
import { type ReadAt, readFileName } from "./finding.ts";

/** Returns the name of the backing file; undefined when the header cannot be read. */
export async function readQedNames(readAt: ReadAt): Promise<readonly string[] | undefined> {
  const header = await readAt(0, 64);
  if (header.length < 64) return undefined;
  if ((header.readBigUInt64LE(16) & 1n) === 0n) return [];
  return readFileName(readAt, header.readUInt32LE(56), header.readUInt32LE(60));
}
