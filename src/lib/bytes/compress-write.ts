import { availableParallelism } from "node:os";
import type { FileHandle } from "node:fs/promises";
import { type Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Compression } from "./compressions.ts";
import type { Context } from "../context.ts";
import { writeAll } from "./write-all.ts";

/** Compressions that are supported for writing. */
export type WritableCompression = Exclude<Compression, "bzip2">;

/** Returns a stream that writes an open file from its start. FileHandle's own stream would close the file. */
function fileSink(handle: FileHandle): Writable {
  let position = 0;
  return new Writable({
    highWaterMark: 1024 * 1024,
    write: (chunk: Buffer, _encoding, callback) => {
      const start = position;
      position += chunk.length;
      writeAll(handle, chunk, start).then(() => callback(), callback);
    },
  });
}

/**
 * Compresses a stream into a file, which the caller opens and closes. The same input gives the same output, regardless
 * of the number of processors.
 *
 * @throws ApplianceError `LIB_EXEC_MISSING` when xz or zstd is not installed; what reading or writing throws
 */
export async function writeCompressed(
  input: Readable,
  handle: FileHandle,
  options: {
    readonly compression: WritableCompression;
    readonly context: Pick<Context, "run" | "signal">;
  },
): Promise<void> {
  const { compression, context } = options;
  await writers[compression]({ input, output: fileSink(handle), context });
}

interface Job {
  readonly input: Readable;
  readonly output: Writable;
  readonly context: Pick<Context, "run" | "signal">;
}

/** xz with one thread, and zstd with --single-thread, write different output than with several threads; avoid both. */
const severalThreads = (): string => `--threads=${Math.max(2, availableParallelism())}`;

const writers: Readonly<Record<WritableCompression, (job: Job) => Promise<unknown>>> = {
  none: ({ input, output, context }) => pipeline(input, output, { signal: context.signal }),
  // zlib writes no name or time into the gzip header.
  gzip: ({ input, output, context }) =>
    pipeline(input, createGzip({ chunkSize: 256 * 1024 }), output, { signal: context.signal }),
  xz: ({ input, output, context }) =>
    context.run("xz", ["--compress", "--stdout", severalThreads(), "--block-size=24MiB"], {
      input,
      output,
    }),
  zstd: ({ input, output, context }) =>
    context.run("zstd", ["--compress", "--stdout", "--quiet", severalThreads()], {
      input,
      output,
    }),
};
