import type { ByteSource } from "./byte-source.ts";

/** Below this distance, reading is as cheap as seeking, because a seek discards the data read ahead. */
const SEEK_BYTES = 2 * 1024 * 1024;

/** Reads exact amounts from a {@link ByteSource} and counts the bytes read. */
export class ByteReader {
  readonly #source: ByteSource;
  #chunk: Buffer = Buffer.alloc(0);
  #offset = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Number of bytes read or skipped so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Returns 1 to `most` bytes, or an empty buffer at the end. The bytes are valid until the next call. */
  async readSome(most: number): Promise<Buffer> {
    if (this.#chunk.length === 0) {
      const next = await this.#source.next();
      if (next === undefined) return this.#chunk;
      this.#chunk = next;
    }
    const taken = this.#chunk.subarray(0, most);
    this.#chunk = this.#chunk.subarray(taken.length);
    this.#offset += taken.length;
    return taken;
  }

  /** Returns `length` bytes, or fewer at the end, in a new buffer. */
  async readExactly(length: number): Promise<Buffer> {
    const first = await this.readSome(length);
    if (first.length === length) return Buffer.from(first);
    const result = Buffer.alloc(length);
    let filled = first.copy(result);
    while (filled < length && filled > 0) {
      const more = await this.readSome(length - filled);
      if (more.length === 0) break;
      filled += more.copy(result, filled);
    }
    return result.subarray(0, filled);
  }

  /** Skips `length` bytes. Returns the number of bytes skipped, which is smaller at the end. */
  async skip(length: number): Promise<number> {
    let left = length;
    while (left > 0) {
      if (this.#chunk.length === 0 && this.#source.skip !== undefined && left > SEEK_BYTES) {
        const skipped = this.#source.skip(left);
        this.#offset += skipped;
        return length - left + skipped;
      }
      const taken = await this.readSome(left);
      if (taken.length === 0) break;
      left -= taken.length;
    }
    return length - left;
  }
}
