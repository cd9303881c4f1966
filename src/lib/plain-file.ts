import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { ApplianceError } from "../errors.ts";
import { errnoOf, fileError } from "./atomic.ts";
import { throwIfInterrupted } from "./interrupt.ts";

const CHUNK_BYTES = 64 * 1024;

/**
 * Opens a plain file for reading. A FIFO, which would keep us waiting for a writer, a device, which may never end, and a
 * folder are refused, also when they take the file's place at the last moment.
 *
 * @returns the open file; the caller closes it
 * @throws ApplianceError `LIB_IO`
 */
export async function openPlainFile(file: string): Promise<FileHandle> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    throw new ApplianceError("LIB_IO", `${file}: not a plain file, expected one`);
  } catch (error) {
    await handle?.close();
    throw fileError(error, file);
  }
}

/** How often a pipe that has nothing yet is asked again. */
const POLL_MS = 20;

/** Answers how many bytes came, having waited for them; 0 at the end. */
async function readPatiently(
  handle: FileHandle,
  buffer: Buffer,
  signal: AbortSignal | undefined,
): Promise<number> {
  for (;;) {
    try {
      return (await handle.read(buffer)).bytesRead;
    } catch (error) {
      if (errnoOf(error) !== "EAGAIN") throw error;
      await setTimeout(POLL_MS, undefined, signal === undefined ? {} : { signal });
    }
  }
}

/**
 * Reads a file or a pipe, as a shell's `<(command)` makes it, and hands out what comes, as it comes. Nothing here waits
 * in the kernel: a blocked read could not be ended by Ctrl-C, and not even by the end of this process.
 *
 * @throws ApplianceError `LIB_IO`, `LIB_INTERRUPTED`
 */
export async function* readAsItComes(
  file: string,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<Buffer> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    for (;;) {
      throwIfInterrupted(options.signal, file);
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      const bytes = await readPatiently(handle, buffer, options.signal);
      if (bytes === 0) return;
      yield buffer.subarray(0, bytes);
    }
  } catch (error) {
    throw fileError(error, file);
  }
}

/**
 * Reads a small file that the user named: a key, a document. A pipe will do.
 *
 * @throws ApplianceError `LIB_LIMIT_EXCEEDED` for more than `maxBytes`, `LIB_IO`, `LIB_INTERRUPTED`
 */
export async function readSmallFile(
  file: string,
  options: { readonly maxBytes: number; readonly signal?: AbortSignal },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of readAsItComes(file, options)) {
    chunks.push(chunk);
    total += chunk.length;
    if (total > options.maxBytes) {
      throw new ApplianceError(
        "LIB_LIMIT_EXCEEDED",
        `${file}: larger than ${options.maxBytes} bytes, the most that is read of such a file`,
      );
    }
  }
  return Buffer.concat(chunks);
}
