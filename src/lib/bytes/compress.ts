import type { FileHandle } from "node:fs/promises";
import { PassThrough, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { ApplianceError } from "../../errors.ts";
import { fileError } from "../atomic.ts";
import { type ByteSource, openFileBytes } from "./byte-source.ts";
import { type Compression, compressions } from "./compressions.ts";
import type { Context } from "../context.ts";
import { formatSize } from "../format-size.ts";
import { throwIfInterrupted } from "../interrupt.ts";
import { keysOf } from "../keys-of.ts";
import { openPlainFile } from "../plain-file.ts";

/** Number of bytes that {@link detectCompression} needs. */
export const COMPRESSION_MAGIC_BYTES = 6;

/** Returns the compression of a file from its first bytes. File names are not used. */
export function detectCompression(head: Uint8Array): Compression {
  const hex = Buffer.from(head.subarray(0, COMPRESSION_MAGIC_BYTES)).toString("hex");
  return keysOf(compressions).find((each) => compressions[each].magic.test(hex)) ?? "none";
}

/**
 * Returns the first bytes of a plain file, or all bytes of a shorter file.
 *
 * @throws ApplianceError `LIB_IO`, also if it is not a plain file
 */
export async function readHead(file: string, bytes: number): Promise<Buffer> {
  try {
    await using handle = await openPlainFile(file);
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw fileError(error, file);
  }
}

/**
 * Opens a file and returns its decompressed content. The first bytes determine the compression. Gzip is decompressed in
 * this process, other formats by their tool. Only a few chunks are held in memory. Closing the source early ends the
 * tool.
 *
 * @param options.maxBytes  maximum number of decompressed bytes; more throw `LIB_LIMIT_EXCEEDED`
 * @throws ApplianceError `LIB_COMPRESSED_CORRUPT` from `next` when the data is damaged or cut short,
 *   `LIB_EXEC_MISSING` when the tool is not installed
 */
export async function openDecompressed(
  file: string,
  context: Pick<Context, "run" | "signal">,
  options: { readonly maxBytes?: number } = {},
): Promise<ByteSource & { readonly compression: Compression }> {
  const { maxBytes = Infinity } = options;
  const compression = detectCompression(await readHead(file, COMPRESSION_MAGIC_BYTES));
  if (compression === "none") {
    return Object.assign(await openFileBytes(file, { signal: context.signal }), { compression });
  }
  const { decompress } = compressions[compression];
  const opened =
    decompress === undefined
      ? openGunzip(await openPlainFile(file))
      : openTool(file, decompress, context);
  const iterator = opened.stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let total = 0;
  return {
    compression,
    async next(): Promise<Buffer | undefined> {
      throwIfInterrupted(context.signal, file);
      try {
        const result = await iterator.next();
        if (result.done === true) {
          await opened.ended;
          return undefined;
        }
        total += result.value.length;
        if (total > maxBytes) throw tooLarge(file, maxBytes);
        return result.value;
      } catch (error) {
        throw corrupt(error, { file, compression, total });
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      opened.stop();
      await opened.ended.catch(() => undefined);
    },
  };
}

interface Opened {
  readonly stream: Readable;
  /** Settles when the tool has ended. A stream in this process reports its errors itself. */
  readonly ended: Promise<unknown>;
  stop(): void;
}

function openGunzip(handle: FileHandle): Opened {
  const input = handle.createReadStream({ highWaterMark: 256 * 1024 });
  const stream = createGunzip({ chunkSize: 256 * 1024 });
  input.on("error", (error) => stream.destroy(error));
  input.pipe(stream);
  return {
    stream,
    ended: Promise.resolve(),
    stop: () => {
      input.destroy();
      stream.destroy();
    },
  };
}

function openTool(
  file: string,
  [program, ...args]: readonly [string, ...string[]],
  context: Pick<Context, "run">,
): Opened {
  const stopping = new AbortController();
  const stream = new PassThrough({ highWaterMark: 1024 * 1024 });
  const ended = context.run(program, args, {
    inputFile: file,
    output: stream,
    signal: stopping.signal,
  });
  // next() reports the error; it does not matter once the reader has stopped.
  ended.catch(() => undefined);
  stream.on("error", () => undefined);
  return {
    stream,
    ended,
    stop: () => {
      stopping.abort();
      stream.destroy();
    },
  };
}

function tooLarge(file: string, maxBytes: number): ApplianceError {
  return new ApplianceError(
    "LIB_LIMIT_EXCEEDED",
    `${file}: expands to more than ${formatSize(maxBytes)}`,
    { hint: "raise the limit (--max-size) if you trust this file" },
  );
}

function corrupt(
  error: unknown,
  found: { readonly file: string; readonly compression: Compression; readonly total: number },
): unknown {
  const isTool = error instanceof ApplianceError && error.code === "LIB_EXEC_FAILED";
  const isZlib =
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.startsWith("Z_");
  if (!isTool && !isZlib) return fileError(error, found.file);
  const reason = isTool ? (error.details.at(-1) ?? error.message) : error.message;
  return new ApplianceError(
    "LIB_COMPRESSED_CORRUPT",
    `${found.file}: ${found.compression} data is damaged or cut short after ${found.total} decompressed bytes: ${reason}`,
    { cause: error, hint: "download the file again, or compare its checksum with the publisher's" },
  );
}
