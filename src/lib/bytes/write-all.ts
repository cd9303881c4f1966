import type { FileHandle } from "node:fs/promises";

/**
 * Writes all bytes. Repeats the write if the system accepts only some of them.
 *
 * @param position  offset in the file. Default: the current position of the handle
 */
export async function writeAll(
  handle: FileHandle,
  bytes: Uint8Array,
  position?: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const at = position === undefined ? null : position + done;
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at);
    done += bytesWritten;
  }
}
