import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { fileError } from "../atomic.ts";
import type { DigestAlgorithm } from "../bytes/digest.ts";
import { writeAll } from "../bytes/write-all.ts";

const BUFFER_BYTES = 512 * 1024;

/** Granularity of holes: the block size of common file systems. */
const HOLE_BYTES = 4096;

/** The computed digests of a file, in lower-case hex. */
export type Digests = Readonly<Partial<Record<DigestAlgorithm, string>>>;

const zeros = Buffer.alloc(BUFFER_BYTES);

/**
 * Writes a sparse file from pieces in ascending order. Gaps between the pieces and aligned 4 KiB blocks of zeros become
 * holes. It uses two buffers: one is filled while the other is written.
 */
export class SparseWriter {
  readonly #handle: FileHandle;
  readonly #hashes: readonly (readonly [DigestAlgorithm, Hash])[];
  readonly #onWrite: (bytes: number) => void;
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #spare = Buffer.allocUnsafe(BUFFER_BYTES);
  /** Offset of the buffer in the file, and the number of bytes in it. */
  #start = 0;
  #filled = 0;
  #writing: Promise<void> = Promise.resolve();

  /**
   * @param handle  an empty file; the caller closes it
   * @param options.digests  digests to compute over the whole file, including holes
   * @param options.onWrite  called with the number of bytes before they are written, without holes; an error that it
   *   throws ends the write
   */
  constructor(
    handle: FileHandle,
    options: {
      readonly digests?: readonly DigestAlgorithm[];
      readonly onWrite?: (bytes: number) => void;
    } = {},
  ) {
    this.#handle = handle;
    this.#hashes = (options.digests ?? []).map((name) => [name, createHash(name)]);
    this.#onWrite = options.onWrite ?? (() => undefined);
  }

  /** Adds a piece, which is copied. It must not start before the end of the previous one. */
  async write(position: number, bytes: Buffer): Promise<void> {
    const end = this.#start + this.#filled;
    if (position < end) throw new TypeError("pieces must be written in ascending order");
    if (position > end) {
      await this.#flush();
      this.#hashZeros(position - end);
      this.#start = position;
    }
    for (let at = 0; at < bytes.length;) {
      // Buffers end at multiples of their size in the file, so that they contain whole blocks.
      const room = BUFFER_BYTES - (this.#start % BUFFER_BYTES) - this.#filled;
      const taken = bytes.copy(this.#buffer, this.#filled, at, at + room);
      this.#filled += taken;
      at += taken;
      if (taken === room) await this.#flush();
    }
  }

  /**
   * Sets the size, waits for all writes, and returns the requested digests.
   *
   * @param sizeBytes  at least the end of the last piece
   */
  async finish(sizeBytes: number): Promise<Digests> {
    await this.#flush();
    await this.#writing;
    await this.#handle.truncate(sizeBytes);
    this.#hashZeros(sizeBytes - this.#start);
    return Object.fromEntries(this.#hashes.map(([name, hash]) => [name, hash.digest("hex")]));
  }

  /** Waits for pending writes, so that the file can be closed after a failure. */
  async settle(): Promise<void> {
    await this.#writing.catch(() => undefined);
  }

  async #flush(): Promise<void> {
    await this.#writing;
    const full = this.#buffer.subarray(0, this.#filled);
    this.#writing = this.#writeBlocks(full, this.#start);
    // The next flush, or finish, throws the error.
    this.#writing.catch(() => undefined);
    for (const [, hash] of this.#hashes) hash.update(full);
    this.#start += this.#filled;
    this.#filled = 0;
    [this.#buffer, this.#spare] = [this.#spare, this.#buffer];
  }

  async #writeBlocks(bytes: Buffer, start: number): Promise<void> {
    let runStart = 0;
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(HOLE_BYTES - ((start + at) % HOLE_BYTES), bytes.length - at);
      if (isZero(bytes.subarray(at, at + length))) {
        await this.#writeRun(bytes.subarray(runStart, at), start + runStart);
        runStart = at + length;
      }
      at += length;
    }
    await this.#writeRun(bytes.subarray(runStart), start + runStart);
  }

  async #writeRun(bytes: Buffer, position: number): Promise<void> {
    if (bytes.length === 0) return;
    this.#onWrite(bytes.length);
    await writeAll(this.#handle, bytes, position);
  }

  #hashZeros(length: number): void {
    for (const [, hash] of this.#hashes) {
      for (let left = length; left > 0; left -= zeros.length) {
        hash.update(left < zeros.length ? zeros.subarray(0, left) : zeros);
      }
    }
  }
}

/** Returns whether a block, of at most 512 KiB, contains only zeros. */
export function isZero(block: Buffer): boolean {
  return block.compare(zeros, 0, block.length) === 0;
}

/**
 * Writes a new file from pieces with {@link SparseWriter}. After a failure the file is kept: the caller's temporary
 * folder removes it.
 *
 * @throws ApplianceError `LIB_NO_SPACE`, `LIB_IO`; any error of the pieces
 */
export async function writeSparseFile(
  target: string,
  pieces: AsyncIterable<{ readonly position: number; readonly bytes: Buffer }>,
  options: {
    /** Default: the end of the last piece. */
    readonly sizeBytes?: number;
    readonly digests?: readonly DigestAlgorithm[];
    readonly onWrite?: (bytes: number) => void;
  },
): Promise<{ readonly sizeBytes: number; readonly digests: Digests }> {
  try {
    await using handle = await open(target, "wx", 0o644);
    const writer = new SparseWriter(handle, options);
    let end = 0;
    try {
      for await (const { position, bytes } of pieces) {
        await writer.write(position, bytes);
        end = position + bytes.length;
      }
      const sizeBytes = options.sizeBytes ?? end;
      return { sizeBytes, digests: await writer.finish(sizeBytes) };
    } finally {
      await writer.settle();
    }
  } catch (error) {
    throw fileError(error, target);
  }
}
