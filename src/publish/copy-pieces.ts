import type { FileHandle } from "node:fs/promises";
import { throwIfInterrupted } from "../lib/interrupt.ts";
import { writeAll } from "../lib/write-all.ts";
import type { StageOptions } from "./store.ts";

/** Small enough for a processor's cache: what was just read is written and looked at from there. */
const PIECE_BYTES = 256 * 1024;

const ignore = (): void => {};

/**
 * Copies a file piece by piece. While one piece is looked at, it is being written and the next one is being read.
 *
 * @param target  undefined to read only
 * @param options.subject  what an interruption is said of
 * @returns the pieces; each keeps its content until the next one is asked for
 */
export async function* copyPieces(
  source: FileHandle,
  target: FileHandle | undefined,
  options: { readonly signal: AbortSignal | undefined; readonly subject: string },
): AsyncGenerator<Buffer> {
  const { signal, subject } = options;
  const buffers = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)] as const;
  const read = async (number: number): Promise<Buffer> => {
    const buffer = buffers[number % 2 === 0 ? 0 : 1];
    const { bytesRead } = await source.read(buffer, 0, PIECE_BYTES, null);
    return buffer.subarray(0, bytesRead);
  };
  let reading = read(0);
  let writing = Promise.resolve();
  try {
    for (let number = 1; ; number += 1) {
      const piece = await reading;
      await writing;
      throwIfInterrupted(signal, subject);
      if (piece.length === 0) return;
      reading = read(number);
      writing = target === undefined ? writing : writeAll(target, piece);
      // Each is awaited later; a failure before that is no unhandled one.
      reading.catch(ignore);
      writing.catch(ignore);
      yield piece;
    }
  } finally {
    await Promise.allSettled([reading, writing]);
  }
}

/** Lets an observer see the pieces, and goes to their end also when the observer has seen enough. */
export async function observeAll(
  pieces: AsyncGenerator<Buffer>,
  { observe }: StageOptions,
): Promise<void> {
  const shared = { next: async () => pieces.next() };
  try {
    await observe?.({ [Symbol.asyncIterator]: () => shared });
    for (let one = await pieces.next(); one.done !== true;) one = await pieces.next();
  } finally {
    await pieces.return(undefined);
  }
}
