import type { FileHandle } from "node:fs/promises";

/**
 * Writes all of the bytes; the system may take fewer at a time.
 *
 * @param position  offset in the file; where the handle stands unless told
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
