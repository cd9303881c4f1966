import { createHash } from "node:crypto";
import { PassThrough, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { ApplianceError } from "../errors.ts";
import { detectCompression } from "../lib/bytes/compress.ts";
import { compressions } from "../lib/bytes/compressions.ts";
import { digestOf } from "../lib/bytes/digest.ts";
import type { Run } from "../lib/exec.ts";
import type { MetadataFile } from "./repomd.ts";

/** Maximum size of a metadata file, compressed and uncompressed. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024;
const MAX_OPEN_BYTES = 8 * 1024 * 1024 * 1024;
/** Maximum number of packages in a metadata file. */
export const MAX_PACKAGES = 1_000_000;

/** Source of metadata. */
export interface RepodataSource {
  /**
   * Returns a file by its path below the repository's root; undefined if it does not exist. A file that is far larger
   * than expected may be refused before it is read.
   */
  read(path: string, options: { readonly expectedBytes: number }): Promise<Uint8Array | undefined>;
}

/** Returns the error for metadata that does not match repomd.xml. */
export function damaged(subject: string, fact: string): ApplianceError {
  return new ApplianceError("REPODATA_DAMAGED", `${subject}: ${fact}`);
}

/**
 * Reads a metadata file, and compares its size and digest with repomd.xml.
 *
 * @throws ApplianceError `REPODATA_DAMAGED`, `REPODATA_TOO_LARGE`
 */
export async function readVerified(
  source: RepodataSource,
  file: MetadataFile,
): Promise<Uint8Array> {
  if (file.sizeBytes > MAX_FILE_BYTES || (file.openSizeBytes ?? 0) > MAX_OPEN_BYTES) {
    throw new ApplianceError("REPODATA_TOO_LARGE", `${file.location}: larger than the limit`);
  }
  const content = await source.read(file.location, { expectedBytes: file.sizeBytes });
  if (content === undefined) throw damaged(file.location, "in repomd.xml, but missing");
  if (content.byteLength !== file.sizeBytes) {
    throw damaged(file.location, `has ${content.byteLength} bytes, expected ${file.sizeBytes}`);
  }
  const hex = digestOf(content, file.checksum.type);
  if (hex !== file.checksum.hex) {
    throw damaged(file.location, `${file.checksum.type} is ${hex}, expected ${file.checksum.hex}`);
  }
  return content;
}

interface Opened {
  readonly stream: Readable;
  /** Settles when the tool has ended. */
  readonly ended: Promise<unknown>;
  stop(): void;
}

/** Starts to decompress: gzip in this process, and other formats by their tool if `run` is given. */
function startReading(content: Uint8Array, name: string, run: Run | undefined): Opened {
  const compression = detectCompression(content);
  const tool = compression === "none" ? undefined : compressions[compression].decompress;
  if (run === undefined || tool === undefined) {
    const stream = Readable.from([content]).pipe(createGunzip());
    return { stream, ended: Promise.resolve(), stop: () => void stream.destroy() };
  }
  const stopping = new AbortController();
  const stream = new PassThrough({ highWaterMark: 1024 * 1024 });
  const [program, ...args] = tool;
  const ended = run(program, args, { input: content, output: stream, signal: stopping.signal });
  // The caller reports the error; it does not matter once the caller has stopped.
  const failed = ended.catch((cause: unknown) => {
    if (cause instanceof ApplianceError && cause.code !== "LIB_EXEC_FAILED") throw cause;
    throw new ApplianceError("REPODATA_DAMAGED", `${name}: not ${compression} data`, { cause });
  });
  failed.catch(() => undefined);
  stream.on("error", () => undefined);
  const stop = (): void => {
    stopping.abort();
    stream.destroy();
  };
  return { stream, ended: failed, stop };
}

/**
 * Decompresses a file. The result is limited to the size, and compared with the digest, in repomd.xml.
 *
 * @param run  runs the tools for xz, zstd and bzip2; default: only gzip is read
 * @throws ApplianceError `REPODATA_DAMAGED`, `LIB_EXEC_MISSING`
 */
export async function* openContent(
  content: Uint8Array,
  file: MetadataFile,
  run?: Run,
): AsyncGenerator<Buffer> {
  if (file.openChecksum === undefined || file.openSizeBytes === undefined) {
    throw damaged(file.location, "repomd.xml gives no open-checksum and open-size");
  }
  const hash = createHash(file.openChecksum.type);
  const opened = startReading(content, file.location, run);
  let sizeBytes = 0;
  try {
    for await (const chunk of opened.stream as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > file.openSizeBytes) break;
      hash.update(chunk);
      yield chunk;
    }
    if (sizeBytes <= file.openSizeBytes) await opened.ended;
  } catch (cause) {
    if (cause instanceof ApplianceError) throw cause;
    throw new ApplianceError("REPODATA_DAMAGED", `${file.location}: not gzip data`, { cause });
  } finally {
    opened.stop();
  }
  if (sizeBytes !== file.openSizeBytes) {
    throw damaged(file.location, `open size differs from ${file.openSizeBytes}`);
  }
  if (hash.digest("hex") !== file.openChecksum.hex) {
    throw damaged(file.location, "open checksum differs from the one in repomd.xml");
  }
}
