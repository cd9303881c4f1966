import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Context } from "../lib/context.ts";
import type { PayloadCompressor } from "../package/index.ts";

/** Source and target of a compression. */
interface CompressionJob {
  readonly input: Readable;
  readonly output: Writable;
  readonly level: number;
  readonly context: Pick<Context, "run" | "signal">;
}

/** Facts about a compressor. */
interface CompressorFacts {
  /** Levels begin at 1. */
  readonly highestLevel: number;
  /** The rpm feature that it needs, without `rpmlib()`, and its version; undefined if none. */
  readonly feature: readonly [name: string, version: string] | undefined;
  /** Name of its stream in rpm's macro `_binary_payload`. */
  readonly rpmStream: string;
  /** Returns the `PAYLOADFLAGS` that rpmbuild writes; informative only. */
  readonly flagsOf: (level: number) => string;
  /** The same input gives the same output on any number of cores. */
  readonly compress: (job: CompressionJob) => Promise<unknown>;
}

/** Bytes that are passed to zlib at a time. */
const CHUNK_BYTES = 256 * 1024;

/** Every payload compressor. */
export const payloadCompressors: Readonly<Record<PayloadCompressor, CompressorFacts>> = {
  gzip: {
    highestLevel: 9,
    rpmStream: "gzdio",
    feature: undefined,
    flagsOf: (level) => `${level}`,
    // zlib writes no name or time into the gzip header.
    compress: ({ input, output, level, context }) =>
      pipeline(input, createGzip({ level, chunkSize: CHUNK_BYTES }), output, {
        signal: context.signal,
      }),
  },
  zstd: {
    highestLevel: 19,
    rpmStream: "zstdio",
    feature: ["PayloadIsZstd", "5.4.18-1"],
    flagsOf: (level) => `${level}T0`,
    // zstd writes the same bytes with any number of threads, but different ones with --single-thread.
    compress: ({ input, output, level, context }) =>
      context.run("zstd", ["--quiet", "--stdout", "--no-check", "--threads=0", `-${level}`], {
        input,
        output,
      }),
  },
};
