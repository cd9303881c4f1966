import { constants } from "node:fs";
import { type FileHandle, open, readlink } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { ApplianceError } from "../errors.ts";
import { errnoOf, fileError } from "./atomic.ts";
import { formatSize } from "./format-size.ts";
import { throwIfInterrupted } from "./interrupt.ts";

/** Where the file must be. */
export interface OpenOptions {
  /**
   * Refuses a file that is not at this very path: the path was resolved and checked before, and a symbolic link may have
   * taken the place of the file or of a folder since.
   */
  readonly isResolved?: boolean;
}

const CHUNK_BYTES = 64 * 1024;

/** The most that is read of a small file whose reader states no limit: larger than any that this program writes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** How much of a file is read at most, and where it must be. */
export interface ReadLimit extends OpenOptions {
  /** Default: 16 MiB. */
  readonly maxBytes?: number;
}

/**
 * Opens a plain file for reading. A FIFO, which would keep us waiting for a writer, a device, which may never end, and a
 * folder are refused, also when they take the file's place at the last moment.
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

/** Returns the path at which an open file is, without links. */
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

/** Reads to the end, which need not be where the size says: files of /proc have none. */
async function readToEnd(file: string, handle: FileHandle, maxBytes: number): Promise<Buffer> {
  const { size } = await handle.stat();
  if (size > maxBytes) throw tooLarge(file, maxBytes);
  // One byte more than the size, so that the read which finds the end has room.
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
 * Reads a whole file whose kind and size nobody vouches for. The kind is checked on the open file and the size before
 * the first byte is read, so that a FIFO, a device or a huge sparse file under an expected name costs neither time nor
 * memory. Every small file that this program reads is read here; a test holds the other folders to it.
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

/** Reads a file with {@link readPlainFile}; undefined when there is none of this name. */
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
 * Reads the last bytes of a file of any size, a log.
 *
 * @returns at most `bytes`; undefined when there is no plain file of this name
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

/** How often a pipe that has nothing yet is asked again. */
const POLL_MS = 20;

/** Returns how many bytes came, having waited for them; 0 at the end. */
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
    if (total > options.maxBytes) throw tooLarge(file, options.maxBytes);
  }
  return Buffer.concat(chunks);
}
