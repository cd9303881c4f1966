import type { FileHandle } from "node:fs/promises";
import { fileError } from "../lib/atomic.ts";
import { throwIfInterrupted } from "../lib/interrupt.ts";
import { openPlainFile } from "../lib/plain-file.ts";
import { writeAll } from "../lib/bytes/write-all.ts";
import type { StageOptions } from "./store.ts";

/** Small enough for the processor's cache, so that a piece is written and hashed from the cache. */
const PIECE_BYTES = 256 * 1024;

const ignore = (): void => {};

/** An open file, and its name in messages. */
interface OpenFile {
  readonly handle: FileHandle;
  readonly name: string;
}

async function write({ handle, name }: OpenFile, piece: Buffer): Promise<void> {
  try {
    await writeAll(handle, piece);
  } catch (error) {
    throw fileError(error, name);
  }
}

/**
 * Copies a file piece by piece. The caller uses one piece while it is written and the next one is read.
 *
 * @param files.to  undefined to read only
 * @returns the pieces; each keeps its content until the next one is asked for
 * @throws ApplianceError `LIB_IO`, `LIB_NO_SPACE` with the name of the file that failed; `LIB_INTERRUPTED`
 */
export async function* copyPieces(files: {
  readonly from: OpenFile;
  readonly to?: OpenFile | undefined;
  readonly signal: AbortSignal | undefined;
}): AsyncGenerator<Buffer> {
  const { from, to, signal } = files;
  const buffers = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)] as const;
  const read = async (number: number): Promise<Buffer> => {
    const buffer = buffers[number % 2 === 0 ? 0 : 1];
    try {
      const { bytesRead } = await from.handle.read(buffer, 0, PIECE_BYTES, null);
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      throw fileError(error, from.name);
    }
  };
  let reading = read(0);
  let writing = Promise.resolve();
  try {
    for (let number = 1; ; number += 1) {
      const piece = await reading;
      await writing;
      throwIfInterrupted(signal, from.name);
      if (piece.length === 0) return;
      reading = read(number);
      writing = to === undefined ? writing : write(to, piece);
      // Both are awaited later. Until then, a failure must not count as an unhandled rejection.
      reading.catch(ignore);
      writing.catch(ignore);
      yield piece;
    }
  } finally {
    await Promise.allSettled([reading, writing]);
  }
}

/**
 * Passes the pieces to an observer. Reads all of them, even if the observer stops early.
 *
 * @returns how many bytes they have
 */
export async function observeAll(
  pieces: AsyncGenerator<Buffer>,
  { observe }: StageOptions,
): Promise<number> {
  let bytes = 0;
  const failures: unknown[] = [];
  const next = async (): Promise<IteratorResult<Buffer>> => {
    try {
      const one = await pieces.next();
      if (one.done !== true) bytes += one.value.length;
      return one;
    } catch (error) {
      // The copy is incomplete, even if the observer ignores the error.
      failures.push(error);
      throw error;
    }
  };
  try {
    await observe?.({ [Symbol.asyncIterator]: () => ({ next }) });
    if (failures.length > 0) throw failures[0];
    for (let one = await next(); one.done !== true;) one = await next();
    return bytes;
  } finally {
    await pieces.return(undefined);
  }
}

/**
 * Passes the pieces of a plain file to an observer, and writes nothing.
 *
 * @returns how many bytes it has
 */
export async function observeFile(file: string, options: StageOptions): Promise<number> {
  await using handle = await openPlainFile(file);
  const from = { handle, name: file };
  return await observeAll(copyPieces({ from, signal: options.signal }), options);
}
