import { createHash } from "node:crypto";
import { ApplianceError } from "../../errors.ts";
import { fileError } from "../atomic.ts";
import { openFileBytes } from "../bytes/byte-source.ts";
import type { DigestAlgorithm } from "../bytes/digest.ts";
import { throwIfInterrupted } from "../interrupt.ts";
import { openPlainFile } from "../plain-file.ts";
import type { Segment } from "./map.ts";
import { type Digests, isZero } from "./write.ts";

/** Granularity of holes: the block size of common file systems. It divides the size of the chunks that are read. */
const HOLE_BYTES = 4096;

/** Maximum number of segments; further holes count as data. Half of the limit of this program's readers. */
const MAX_SEGMENTS = 250_000;

/** Content of a file, as {@link scanSparse} found it. */
export interface SparseScan {
  readonly file: string;
  readonly sizeBytes: number;
  /** Data; all bytes between segments are zeros. Segments end at 4 KiB boundaries or at the end of the file. */
  readonly segments: readonly Segment[];
  readonly digests: Digests;
  /** Identifies this state of the file, so that a later change can be detected. */
  readonly version: string;
}

async function fileVersion(file: string): Promise<{ sizeBytes: number; version: string }> {
  await using handle = await openPlainFile(file);
  const { size, ino, mtimeNs } = await handle.stat({ bigint: true });
  return { sizeBytes: Number(size), version: `${size} ${ino} ${mtimeNs}` };
}

/** Joins blocks of data into segments. */
class SegmentBuilder {
  readonly segments: Segment[] = [];

  add(offset: number, length: number): void {
    const last = this.segments.at(-1);
    const isNext = last !== undefined && last.offset + last.length === offset;
    if (last !== undefined && (isNext || this.segments.length >= MAX_SEGMENTS)) {
      this.segments[this.segments.length - 1] = {
        offset: last.offset,
        length: offset + length - last.offset,
      };
    } else {
      this.segments.push({ offset, length });
    }
  }
}

/**
 * Reads a file once and returns its data segments and digests. Zeros count as holes whether they are stored or not, so
 * the result depends only on the content.
 */
export async function scanSparse(
  file: string,
  options: {
    readonly digests: readonly DigestAlgorithm[];
    readonly signal?: AbortSignal;
    readonly onBytes?: (bytes: number) => void;
  },
): Promise<SparseScan> {
  try {
    const before = await fileVersion(file);
    const hashes = options.digests.map((name) => [name, createHash(name)] as const);
    const data = new SegmentBuilder();
    await using bytes = await openFileBytes(file, options);
    let offset = 0;
    for (let chunk = await bytes.next(); chunk !== undefined; chunk = await bytes.next()) {
      for (const [, hash] of hashes) hash.update(chunk);
      for (let at = 0; at < chunk.length;) {
        const length = Math.min(HOLE_BYTES - ((offset + at) % HOLE_BYTES), chunk.length - at);
        if (!isZero(chunk.subarray(at, at + length))) data.add(offset + at, length);
        at += length;
      }
      offset += chunk.length;
      options.onBytes?.(chunk.length);
    }
    const after = await fileVersion(file);
    if (after.version !== before.version || offset !== after.sizeBytes) throw changed(file);
    const digests = Object.fromEntries(hashes.map(([name, hash]) => [name, hash.digest("hex")]));
    return { file, ...before, segments: data.segments, digests };
  } catch (error) {
    throw fileError(error, file);
  }
}

/**
 * Yields the data of a scanned file, segment by segment, without the holes.
 *
 * @throws ApplianceError `LIB_FILE_CHANGED` when the file has changed since the scan
 */
export async function* readScanned(
  scan: SparseScan,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<Buffer> {
  try {
    if ((await fileVersion(scan.file)).version !== scan.version) throw changed(scan.file);
    await using handle = await openPlainFile(scan.file);
    for (const { offset, length } of scan.segments) {
      for (let done = 0; done < length;) {
        throwIfInterrupted(options.signal, scan.file);
        const buffer = Buffer.allocUnsafe(Math.min(256 * 1024, length - done));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset + done);
        if (bytesRead === 0) throw changed(scan.file);
        yield buffer.subarray(0, bytesRead);
        done += bytesRead;
      }
    }
    if ((await fileVersion(scan.file)).version !== scan.version) throw changed(scan.file);
  } catch (error) {
    throw fileError(error, scan.file);
  }
}

function changed(file: string): ApplianceError {
  return new ApplianceError("LIB_FILE_CHANGED", `${file}: changed while it was read`, {
    hint: "try again when nothing writes to it; the disk of a running VM cannot be packed",
  });
}
