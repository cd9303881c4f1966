import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { Readable, Writable } from "node:stream";
import { ApplianceError } from "../errors.ts";
import { fileError, writeAtomically, nameForPeople } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { openPlainFile } from "../lib/plain-file.ts";
import { detectFormat } from "./detect-format.ts";
import { refuseDisguise } from "./examine-header.ts";
import type { ReadAt } from "./headers/finding.ts";

const CHUNK_BYTES = 1024 * 1024;
/** Bytes of the beginning and of the end that are kept to detect the format. */
const END_BYTES = 64 * 1024;
/** zstd's default; a higher level saves little on disk images and takes longer. */
const LEVEL = "-3";

/** A compressed raw disk, with the facts of the expanded disk. */
export interface CompressedRaw {
  readonly path: string;
  /** Length of the compressed file. */
  readonly fileSizeBytes: number;
  /** Of the expanded disk, lower-case hex. */
  readonly sha256: string;
  /** Length of the expanded disk. */
  readonly bytes: number;
}

/**
 * Compresses a raw disk with zstd. Reads it once, and computes the digest of the uncompressed data on the way. The same
 * disk always gives the same bytes, on any number of cores, because zstd splits its jobs by size. `zstd -d` expands it
 * with holes. The target appears complete or not at all.
 *
 * @throws ApplianceError `IMAGE_FORMAT_MISMATCH` when it is an image of another format; `LIB_EXEC_MISSING` without zstd; `LIB_NO_SPACE`; `LIB_INTERRUPTED`; `LIB_IO`
 */
export async function compressRaw(
  options: { readonly from: string; readonly to: string },
  context: Context,
): Promise<CompressedRaw> {
  const { from, to } = options;
  return writeAtomically(to, async (handle) => {
    const source = await openPlainFile(from);
    try {
      const { size } = await source.stat();
      const reading = startReading(source, { from, size }, context);
      await compress({ handle, size, chunks: reading.chunks, to }, context);
      // Checks the bytes that were read, not those of an earlier look, because the host gets these.
      refuseDisguise(await detectFormat(reading.readAt, size), "raw", from);
      return {
        path: to,
        fileSizeBytes: (await handle.stat()).size,
        sha256: reading.sha256(),
        bytes: size,
      };
    } finally {
      await source.close();
    }
  });
}

function startReading(
  source: FileHandle,
  file: { readonly from: string; readonly size: number },
  context: Context,
): {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly sha256: () => string;
  /** First and last bytes of the disk as it was read. */
  readonly readAt: ReadAt;
} {
  const hash = createHash("sha256");
  const ends: { head: Buffer; tail: Buffer } = { head: Buffer.alloc(0), tail: Buffer.alloc(0) };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const task = context.progress.start(`compressing ${nameForPeople(file.from)}`, file.size);
    try {
      for (let offset = 0; offset < file.size;) {
        context.signal.throwIfAborted();
        const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, file.size - offset));
        const { bytesRead } = await source.read(buffer, 0, buffer.length, offset);
        if (bytesRead === 0) {
          throw new ApplianceError(
            "LIB_IO",
            `${file.from}: the file became shorter while it was read`,
          );
        }
        const chunk = buffer.subarray(0, bytesRead);
        hash.update(chunk);
        if (offset < END_BYTES)
          ends.head = Buffer.concat([ends.head, chunk.subarray(0, END_BYTES)]);
        ends.tail = Buffer.concat([ends.tail, chunk.subarray(-END_BYTES)]).subarray(-END_BYTES);
        offset += bytesRead;
        task.advance(bytesRead);
        yield chunk;
      }
    } finally {
      task.done();
    }
  }
  const readAt: ReadAt = (offset, length) => {
    const from = offset - Math.max(0, file.size - ends.tail.length);
    const piece =
      from < 0
        ? ends.head.subarray(offset, offset + length)
        : ends.tail.subarray(from, from + length);
    return Promise.resolve(piece);
  };
  return { chunks: chunks(), sha256: () => hash.digest("hex"), readAt };
}

async function compress(
  job: {
    readonly handle: FileHandle;
    readonly size: number;
    readonly chunks: AsyncIterable<Uint8Array>;
    readonly to: string;
  },
  context: Context,
): Promise<void> {
  try {
    await context.run("zstd", ["-q", "-c", LEVEL, "-T0", `--stream-size=${job.size}`], {
      input: Readable.from(job.chunks, { objectMode: false }),
      output: intoHandle(job.handle),
    });
  } catch (error) {
    throw fileError(error, job.to);
  }
}

/** Appends to the file. The caller closes the handle. */
function intoHandle(handle: FileHandle): Writable {
  return new Writable({
    write(chunk: Uint8Array, _encoding, callback): void {
      handle.writeFile(chunk).then(() => callback(), callback);
    },
  });
}
