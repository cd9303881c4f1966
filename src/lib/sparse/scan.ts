import { createHash } from "node:crypto";
import { ApplianceError } from "../../errors.ts";
import { fileError } from "../atomic.ts";
import { openFileBytes } from "../bytes/byte-source.ts";
import type { DigestAlgorithm } from "../bytes/digest.ts";
import { throwIfInterrupted } from "../interrupt.ts";
import { openPlainFile } from "../plain-file.ts";
import type { Segment } from "./map.ts";
import { type Digests, isZero } from "./write.ts";

/** Unit of hole finding: the block of the file systems that images live on; it divides the chunks files are read in. */
const HOLE_BYTES = 4096;

/** Most segments kept; beyond them holes count as data. Half of what readers of ours accept. */
const MAX_SEGMENTS = 250_000;

/** What a file holds, as {@link scanSparse} saw it. */
export interface SparseScan {
  readonly file: string;
  readonly sizeBytes: number;
  /** Data; between segments there are only zeros. Ends at 4 KiB boundaries or at the end of the file. */
  readonly segments: readonly Segment[];
  readonly digests: Digests;
  /** Tells a change of the file later on. */
  readonly version: string;
}

async function fileVersion(file: string): Promise<{ sizeBytes: number; version: string }> {
  await using handle = await openPlainFile(file);
  const { size, ino, mtimeNs } = await handle.stat({ bigint: true });
  return { sizeBytes: Number(size), version: `${size} ${ino} ${mtimeNs}` };
}

/** Gathers blocks of data into segments. */
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
 * Reads a file once and returns where its data lies and its digests. Zeros count as holes whether they are stored or
 * not, so the answer depends on the content alone.
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
 * Hands out the data of a scanned file, segment after segment without the holes.
 *
 * @throws ApplianceError `LIB_FILE_CHANGED` when it is not as it was scanned
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
