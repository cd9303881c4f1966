import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Context } from "../lib/context.ts";
import type { PayloadCompressor } from "../plan/index.ts";

/** Where a payload is compressed from and to. */
interface CompressionJob {
  readonly input: Readable;
  readonly output: Writable;
  readonly level: number;
  readonly context: Pick<Context, "run" | "signal">;
}

/** What is known of a compressor. */
interface CompressorFacts {
  /** Levels begin at 1. */
  readonly highestLevel: number;
  /** The feature of rpm that it needs, without `rpmlib()`, and the version that rpm gave it; undefined: none. */
  readonly feature: readonly [name: string, version: string] | undefined;
  /** Returns the `PAYLOADFLAGS` that rpmbuild writes; for information only. */
  readonly flagsOf: (level: number) => string;
  /** The same bytes in give the same bytes out, however many cores there are. */
  readonly compress: (job: CompressionJob) => Promise<unknown>;
}

/** How much of a payload zlib is given at a time. */
const CHUNK_BYTES = 256 * 1024;

/** Every way to compress a payload. */
export const payloadCompressors: Readonly<Record<PayloadCompressor, CompressorFacts>> = {
  gzip: {
    highestLevel: 9,
    feature: undefined,
    flagsOf: (level) => `${level}`,
    // zlib writes neither name nor time into the gzip header.
    compress: ({ input, output, level, context }) =>
      pipeline(input, createGzip({ level, chunkSize: CHUNK_BYTES }), output, {
        signal: context.signal,
      }),
  },
  zstd: {
    highestLevel: 19,
    feature: ["PayloadIsZstd", "5.4.18-1"],
    flagsOf: (level) => `${level}T0`,
    // With any number of threads zstd writes the same bytes, but not with --single-thread.
    compress: ({ input, output, level, context }) =>
      context.run("zstd", ["--quiet", "--stdout", "--no-check", "--threads=0", `-${level}`], {
        input,
        output,
      }),
  },
};
