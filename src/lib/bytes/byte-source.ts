import type { FileHandle } from "node:fs/promises";
import { fileError } from "../atomic.ts";
import { throwIfInterrupted } from "../interrupt.ts";
import { openPlainFile, type OpenOptions } from "../plain-file.ts";

const CHUNK_BYTES = 1024 * 1024;

/** A source of bytes that is read once, in order, when its reader requests them. */
export interface ByteSource extends AsyncDisposable {
  /** Returns the next bytes, at least one, or undefined at the end. The bytes are valid until the next call. */
  next(): Promise<Buffer | undefined>;
  /** Skips bytes that were not returned yet, without reading them. Returns the number of bytes skipped. */
  skip?(bytes: number): number;
}

interface ReadAhead {
  readonly start: number;
  readonly chunk: Promise<Buffer>;
}

class FileBytes implements ByteSource {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #sizeBytes: number;
  readonly #signal: AbortSignal | undefined;
  readonly #buffers = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)] as const;
  #turn = 0;
  /** Offset of the bytes that are returned next. */
  #cursor = 0;
  #ahead: ReadAhead | undefined;

  constructor(
    file: string,
    handle: FileHandle,
    options: { sizeBytes: number; signal?: AbortSignal },
  ) {
    this.#file = file;
    this.#handle = handle;
    this.#sizeBytes = options.sizeBytes;
    this.#signal = options.signal;
  }

  #read(start: number): ReadAhead {
    const buffer = this.#turn++ % 2 === 0 ? this.#buffers[0] : this.#buffers[1];
    const chunk = this.#handle
      .read(buffer, 0, CHUNK_BYTES, start)
      .then(({ bytesRead }) => buffer.subarray(0, bytesRead));
    // next() awaits the chunk, unless the reader stops before.
    chunk.catch(() => undefined);
    return { start, chunk };
  }

  async next(): Promise<Buffer | undefined> {
    throwIfInterrupted(this.#signal, this.#file);
    try {
      let read = this.#ahead ?? this.#read(this.#cursor);
      let chunk = (await read.chunk).subarray(this.#cursor - read.start);
      if (chunk.length === 0 && read.start !== this.#cursor) {
        read = this.#read(this.#cursor);
        chunk = await read.chunk;
      }
      this.#cursor += chunk.length;
      this.#ahead = chunk.length === 0 ? undefined : this.#read(this.#cursor);
      return chunk.length === 0 ? undefined : chunk;
    } catch (error) {
      throw fileError(error, this.#file);
    }
  }

  skip(bytes: number): number {
    const skipped = Math.max(0, Math.min(bytes, this.#sizeBytes - this.#cursor));
    this.#cursor += skipped;
    return skipped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ahead?.chunk.catch(() => undefined);
    await this.#handle.close();
  }
}

/** Opens a file as a {@link ByteSource} that reads one chunk of 1 MiB ahead, with two buffers. */
export async function openFileBytes(
  file: string,
  options: OpenOptions & { readonly signal?: AbortSignal } = {},
): Promise<ByteSource> {
  try {
    const handle = await openPlainFile(file, options);
    const { size } = await handle.stat();
    return new FileBytes(file, handle, { sizeBytes: size, ...options });
  } catch (error) {
    throw fileError(error, file);
  }
}
