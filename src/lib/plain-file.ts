import { constants } from "node:fs";
import { type FileHandle, open, readlink } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { ApplianceError } from "../errors.ts";
import { errnoOf, fileError } from "./atomic.ts";
import { formatSize } from "./format-size.ts";
import { throwIfInterrupted } from "./interrupt.ts";

/** Requirements on the location of the file. */
export interface OpenOptions {
  /**
   * Refuses a file whose resolved path differs from this path. The caller has resolved and checked the path; since then
   * a symbolic link may have replaced the file or a folder.
   */
  readonly isResolved?: boolean;
}

const CHUNK_BYTES = 64 * 1024;

/** Default size limit of a small file: larger than any small file that this program writes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Size limit of a file, and requirements on its location. */
export interface ReadLimit extends OpenOptions {
  /** Default: 16 MiB. */
  readonly maxBytes?: number;
}

/**
 * Opens a plain file for reading. Refuses a FIFO (which would block until it has a writer), a device (which may never
 * end) and a folder. The open file is checked, so that a replacement of the file cannot avoid the check.
 *
 * @returns the open file; the caller closes it
 * @throws ApplianceError `LIB_IO`
 */
export async function openPlainFile(file: string, options: OpenOptions = {}): Promise<FileHandle> {
  try {
    return await openPlain(file, options);
  } catch (error) {
    throw fileError(error, file);
  }
}

/** Returns the path of an open file, with all symbolic links resolved. */
async function placeOf(handle: FileHandle): Promise<string> {
  return await readlink(`/proc/self/fd/${handle.fd}`);
}

async function openPlain(file: string, options: OpenOptions = {}): Promise<FileHandle> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) {
      throw new ApplianceError("LIB_IO", `${file}: not a plain file, expected one`);
    }
    const place = options.isResolved === true ? await placeOf(handle) : file;
    if (place === file) return handle;
    throw new ApplianceError("LIB_UNSAFE_PATH", `${file}: replaced by a link to ${place}`, {
      hint: "see who changes this folder while it is read",
    });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function tooLarge(file: string, maxBytes: number): ApplianceError {
  return new ApplianceError(
    "LIB_LIMIT_EXCEEDED",
    `${file}: larger than ${formatSize(maxBytes)}, the limit for such a file`,
  );
}

/** Reads to the end of the file. The reported size may be wrong: it is 0 for files in /proc. */
async function readToEnd(file: string, handle: FileHandle, maxBytes: number): Promise<Buffer> {
  const { size } = await handle.stat();
  if (size > maxBytes) throw tooLarge(file, maxBytes);
  // One byte more than the size, so that the read that detects the end has room.
  let buffer = Buffer.allocUnsafe(size === 0 ? CHUNK_BYTES : size + 1);
  let total = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, total, buffer.length - total, null);
    if (bytesRead === 0) return buffer.subarray(0, total);
    total += bytesRead;
    if (total > maxBytes) throw tooLarge(file, maxBytes);
    if (total === buffer.length) buffer = Buffer.concat([buffer], total * 2);
  }
}

/**
 * Reads a whole untrusted file. The type is checked on the open file, and the size before the first byte is read, so
 * that a FIFO, a device or a huge sparse file costs neither time nor memory. The program reads all small files with
 * this function; a test enforces it in the other folders.
 *
 * @throws ApplianceError `LIB_IO`, `LIB_LIMIT_EXCEEDED`
 */
export async function readPlainFile(file: string, limit: ReadLimit = {}): Promise<Buffer> {
  try {
    await using handle = await openPlain(file, limit);
    return await readToEnd(file, handle, limit.maxBytes ?? MAX_BYTES);
  } catch (error) {
    throw fileError(error, file);
  }
}

/** Reads a file with {@link readPlainFile}; undefined if it does not exist. */
export async function findPlainFile(
  file: string,
  limit: ReadLimit = {},
): Promise<Buffer | undefined> {
  try {
    return await readPlainFile(file, limit);
  } catch (error) {
    if (error instanceof ApplianceError && errnoOf(error.cause) === "ENOENT") return undefined;
    throw error;
  }
}

/** Reads a text in UTF-8 with {@link readPlainFile}. */
export async function readPlainText(file: string, limit: ReadLimit = {}): Promise<string> {
  return (await readPlainFile(file, limit)).toString("utf8");
}

/** Reads a text in UTF-8 with {@link findPlainFile}. */
export async function findPlainText(
  file: string,
  limit: ReadLimit = {},
): Promise<string | undefined> {
  return (await findPlainFile(file, limit))?.toString("utf8");
}

/**
 * Reads the last bytes of a file of any size, such as a log.
 *
 * @returns at most `bytes` bytes; undefined if there is no plain file at this path
 */
export async function readTail(file: string, bytes: number): Promise<Buffer | undefined> {
  try {
    await using handle = await openPlain(file);
    const { size } = await handle.stat();
    const start = Math.max(0, size - bytes);
    const content = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(content, 0, content.length, start);
    return content.subarray(0, bytesRead);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || error instanceof ApplianceError) return undefined;
    throw fileError(error, file);
  }
}

/** Interval for polling a pipe that has no data yet. */
const POLL_MS = 20;

/** Waits for data and returns the number of bytes read; 0 at the end. */
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
 * Reads a file or a pipe, such as a shell's `<(command)`, and yields the data as it arrives. It never blocks in the
 * kernel: Ctrl-C could not end a blocked read, and a blocked read would prevent this process from ending.
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
 * Reads a small file that the user named, such as a key or a document. A pipe is accepted.
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
    if (total > options.maxBytes) throw tooLarge(file, options.maxBytes);
  }
  return Buffer.concat(chunks);
}
