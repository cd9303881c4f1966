import { createHash } from "node:crypto";
import { fileError } from "../../lib/atomic.ts";
import { digestOf } from "../../lib/bytes/digest.ts";
import { throwIfInterrupted } from "../../lib/interrupt.ts";
import { cpioPadding, encodeTrailer } from "../format/cpio.ts";
import { encodeArchiveEntry, type LaidOutEntry, type Layout } from "./layout.ts";
import { checkUnchanged, endedEarly, openStaged, type StagedFile } from "./staged-file.ts";
import { fillTemplate } from "./template.ts";

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
  const { layout, staged, nextBuffer, signal, onBytes } = input;
  const filling: Filling = { block: nextBuffer(), usedBytes: 0 };

  function* append(bytes: Buffer): Generator<Buffer, void, void> {
    for (let done = 0; done < bytes.length;) {
      const copied = bytes.copy(filling.block, filling.usedBytes, done);
      done += copied;
      const full = advance(filling, copied, nextBuffer);
      if (full !== undefined) yield full;
    }
  }

  async function* appendStaged(laidOut: LaidOutEntry, file: StagedFile): AsyncGenerator<Buffer> {
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
    sha256s.set(laidOut.index, hash.digest("hex"));
  }

  const positions = new Map(layout.entries.map(({ entry, index }) => [entry.path, index]));
  const factsOf = (path: string): { sizeBytes: number; sha256: string } => ({
    sizeBytes: staged.get(path)?.sizeBytes ?? 0,
    sha256: sha256s.get(positions.get(path) ?? -1) ?? "",
  });

  for (const laidOut of layout.archived) {
    const { entry } = laidOut;
    yield* append(encodeArchiveEntry(laidOut, layout.hasLargeFiles));
    if (entry.kind === "symlink") yield* append(Buffer.from(entry.target));
    if (entry.kind === "file" && entry.source.kind !== "staged") {
      const { kind, text } = entry.source;
      const content = Buffer.from(kind === "template" ? fillTemplate(text, factsOf) : text);
      sha256s.set(laidOut.index, digestOf(content));
      yield* append(content);
    }
    const file = staged.get(entry.path);
    if (file !== undefined) yield* appendStaged(laidOut, file);
    yield* append(Buffer.alloc(cpioPadding(laidOut.sizeBytes)));
  }
  yield* append(encodeTrailer());
  if (filling.usedBytes > 0) yield filling.block.subarray(0, filling.usedBytes);
}
