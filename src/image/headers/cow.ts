/**
 * COW, of user-mode Linux: 0 magic "OOOM"  8 name of the backing file, ended by a NUL. QEMU dropped it, libvirt's pools
 * still detect it. Source of truth: libvirt, src/storage_file/storage_file_probe.c.
 */
import type { ReadAt } from "./finding.ts";

/** Returns the name of the backing file. */
export async function readCowNames(readAt: ReadAt): Promise<readonly string[]> {
  const name = await readAt(8, 1024);
  const end = name.indexOf(0);
  const text = name.toString("utf8", 0, end === -1 ? name.length : end);
  return text === "" ? [] : [text];
}
