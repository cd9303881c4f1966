import { availableParallelism } from "node:os";
import type { FileHandle } from "node:fs/promises";
import { Writable } from "node:stream";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Compression } from "./compress.ts";
import type { Context } from "./context.ts";
import { writeAll } from "./write-all.ts";

/** Compressions that can be written. */
export type WritableCompression = Exclude<Compression, "bzip2">;

/** A stream into an open file from its beginning. FileHandle's own would have to close it to be done. */
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
 * Writes a stream compressed into a file that the caller opened and closes; the same bytes in give the same bytes out, however many cores there are.
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
  const output = fileSink(handle);
  if (compression === "none") return pipeline(input, output, { signal: context.signal });
  if (compression === "gzip") {
    // zlib writes neither name nor time into the gzip header.
    const gzip = createGzip({ chunkSize: 256 * 1024 });
    return pipeline(input, gzip, output, { signal: context.signal });
  }
  // With one thread xz writes another file than with several, and zstd's --single-thread does: neither is ever asked for.
  const threads = Math.max(2, availableParallelism());
  const args =
    compression === "xz"
      ? ["--compress", "--stdout", `--threads=${threads}`, "--block-size=24MiB"]
      : ["--compress", "--stdout", "--quiet", `--threads=${threads}`];
  await context.run(compression, args, { input, output });
}
