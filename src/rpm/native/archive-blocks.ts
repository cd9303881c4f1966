import { createHash } from "node:crypto";
import { fileError } from "../../lib/atomic.ts";
import { digestOf } from "../../lib/bytes/digest.ts";
import { throwIfInterrupted } from "../../lib/interrupt.ts";
import type { PlannedEntry } from "../../package/index.ts";
import { cpioPadding, encodeTrailer } from "../format/cpio.ts";
import { encodeArchiveEntry, hasContent, type LaidOutEntry, type Layout } from "./layout.ts";
import { checkUnchanged, endedEarly, openStaged, type StagedFile } from "./staged-file.ts";
import { fillTemplate, type StagedFacts } from "./template.ts";

/** Size of all blocks except the last, in bytes: large enough to make few calls, small enough for the caches. */
export const BLOCK_BYTES: number = 256 * 1024;

/** Input for an archive. */
export interface ArchiveInput {
  readonly layout: Layout;
  /** Keyed by the absolute path in the package. */
  readonly staged: ReadonlyMap<string, StagedFile>;
  /** Returns a buffer of {@link BLOCK_BYTES} for the next block; it may be one that was yielded earlier. */
  readonly nextBuffer: () => Buffer;
  readonly signal: AbortSignal;
  /** Called with the bytes read from staged files. */
  readonly onBytes: (bytes: number) => void;
}

/** The block that is being filled. */
interface Filling {
  block: Buffer;
  usedBytes: number;
}

/** Counts `bytes` into the block. Returns a full block, and starts the next one. */
function advance(filling: Filling, bytes: number, nextBuffer: () => Buffer): Buffer | undefined {
  filling.usedBytes += bytes;
  if (filling.usedBytes < filling.block.length) return undefined;
  const full = filling.block;
  filling.block = nextBuffer();
  filling.usedBytes = 0;
  return full;
}

/** Returns the content that the plan itself holds: of a text, a template or a symbolic link. */
function textOf(entry: PlannedEntry, factsOf: (path: string) => StagedFacts): string | undefined {
  if (entry.kind === "symlink") return entry.target;
  if (entry.kind !== "file") return undefined;
  if (entry.source.kind === "text") return entry.source.text;
  return entry.source.kind === "template" ? fillTemplate(entry.source.text, factsOf) : undefined;
}

/** Copies bytes into the blocks. Yields each that is full. */
function* append(
  bytes: Buffer,
  filling: Filling,
  { nextBuffer }: ArchiveInput,
): Generator<Buffer, void, void> {
  for (let done = 0; done < bytes.length;) {
    const copied = bytes.copy(filling.block, filling.usedBytes, done);
    done += copied;
    const full = advance(filling, copied, nextBuffer);
    if (full !== undefined) yield full;
  }
}

/** Reads a file into the blocks. Yields each that is full, and returns the digest of the file. */
async function* appendStaged(
  file: StagedFile,
  filling: Filling,
  { nextBuffer, signal, onBytes }: ArchiveInput,
): AsyncGenerator<Buffer, string, void> {
  const hash = createHash("sha256");
  const handle = await openStaged(file);
  try {
    for (let position = 0; position < file.sizeBytes;) {
      throwIfInterrupted(signal, file.absolutePath);
      const { block, usedBytes } = filling;
      const wanted = Math.min(block.length - usedBytes, file.sizeBytes - position);
      const { bytesRead } = await handle.read(block, usedBytes, wanted, position);
      if (bytesRead === 0) throw endedEarly(file, position);
      hash.update(block.subarray(usedBytes, usedBytes + bytesRead));
      position += bytesRead;
      onBytes(bytesRead);
      const full = advance(filling, bytesRead, nextBuffer);
      if (full !== undefined) yield full;
    }
    await checkUnchanged(file, handle);
  } catch (error) {
    throw fileError(error, file.absolutePath);
  } finally {
    await handle.close();
  }
  return hash.digest("hex");
}

/**
 * Yields the archive of a package in blocks, and hashes each file on the way. Every staged file is read once, from
 * beginning to end, directly into its block.
 *
 * @param sha256s  receives the digest of each regular file, by its position in the header
 * @throws ApplianceError `RPM_INPUT_CHANGED`, `LIB_INTERRUPTED`, `LIB_IO`
 */
export async function* archiveBlocks(
  input: ArchiveInput,
  sha256s: Map<number, string>,
): AsyncGenerator<Buffer, void, void> {
  const { layout, staged, nextBuffer } = input;
  const filling: Filling = { block: nextBuffer(), usedBytes: 0 };
  const setDigest = ({ names }: LaidOutEntry, sha256: string): void => {
    for (const index of names) sha256s.set(index, sha256);
  };
  const positions = new Map(layout.entries.map(({ entry, index }) => [entry.path, index]));
  const factsOf = (path: string): StagedFacts => ({
    sizeBytes: staged.get(path)?.sizeBytes ?? 0,
    sha256: sha256s.get(positions.get(path) ?? -1) ?? "",
  });

  for (const laidOut of layout.archived) {
    yield* append(encodeArchiveEntry(laidOut, layout.usesLargeFiles), filling, input);
    if (!hasContent(laidOut)) continue;
    const text = textOf(laidOut.holder, factsOf);
    const file = staged.get(laidOut.holder.path);
    if (text !== undefined) {
      const content = Buffer.from(text);
      if (laidOut.entry.kind === "file") setDigest(laidOut, digestOf(content));
      yield* append(content, filling, input);
    }
    if (file !== undefined) setDigest(laidOut, yield* appendStaged(file, filling, input));
    yield* append(Buffer.alloc(cpioPadding(laidOut.sizeBytes)), filling, input);
  }
  yield* append(encodeTrailer(), filling, input);
  if (filling.usedBytes > 0) yield filling.block.subarray(0, filling.usedBytes);
}
