import { chmod, link, stat } from "node:fs/promises";
import path from "node:path";
import { examineHead, HEAD_BYTES } from "../image/index.ts";
import { fileError, makeFolder, nameForPeople } from "../lib/atomic.ts";
import { ByteReader } from "../lib/bytes/byte-reader.ts";
import { openDecompressed } from "../lib/bytes/compress.ts";
import type { Context } from "../lib/context.ts";
import type { DigestAlgorithm } from "../lib/bytes/digest.ts";
import { writeSparseFile } from "../lib/sparse/write.ts";
import { readTar, type TarData, type TarEntry } from "../lib/tar/read.ts";
import { isDescriptorCandidate, MAX_DESCRIPTOR_BYTES, XmlKeeper } from "./find-descriptor.ts";
import { MemberGuard, resolveLinks } from "./member-guard.ts";
import type { FoundFile, SourceLimits, XmlFile } from "./model.ts";
import { makeWriteBudget } from "./write-budget.ts";

/** Handling of the members of an archive. */
export interface ArchiveOptions {
  readonly limits: SourceLimits;
  /** Target folder; undefined if the members are only listed. */
  readonly spoolFolder: string | undefined;
  /** Returns the digests to compute for a member, by its path; called when the member is read. */
  readonly digestsOf: (path: string) => readonly DigestAlgorithm[];
  /** Called for each file after it was read. A descriptor that comes first determines which digests are computed. */
  readonly onFile: (file: FoundFile) => void;
}

/**
 * Reads a tar archive, compressed or not, once from beginning to end, and returns its files. Archives are detected by
 * content. Holes, and runs of zeros, become holes.
 *
 * @throws ApplianceError `LIB_TAR_CORRUPT`, `LIB_TAR_TRUNCATED`, `LIB_COMPRESSED_CORRUPT`, `LIB_LIMIT_EXCEEDED`,
 *   `LIB_UNSAFE_PATH`, `SOURCE_MEMBER_REFUSED`, `LIB_NO_SPACE`, `LIB_EXEC_MISSING`, `LIB_INTERRUPTED`
 */
export async function readArchive(
  archive: string,
  context: Context,
  options: ArchiveOptions,
): Promise<readonly FoundFile[]> {
  const { limits } = options;
  const { size } = await stat(archive).catch((error: unknown) => {
    throw fileError(error, archive);
  });
  const budget = makeWriteBudget(archive, size, limits);
  const guard = new MemberGuard(archive, limits);
  const xmlFiles = new XmlKeeper();
  const files = new Map<string, FoundFile>();
  const links = new Map<string, string>();
  // Allows for headers and padding; the data is counted member by member.
  const maxBytes = limits.maxExpandedBytes + 64 * 1024 * 1024;
  await using bytes = await openDecompressed(archive, context, { maxBytes });
  const reader = new ByteReader(bytes);
  const total = bytes.compression === "none" ? size : undefined;
  const task = context.progress.start(`reading ${nameForPeople(archive)}`, total);
  try {
    let seen = 0;
    for await (const entry of readTar(reader, {
      origin: archive,
      limits: { maxHeaders: 3 * limits.maxMembers },
    })) {
      const admitted = guard.admit(entry);
      if (admitted?.kind === "link") links.set(admitted.path, admitted.target);
      if (admitted?.kind === "file") {
        const file = await takeFile(entry, admitted.path, { ...options, budget, xmlFiles });
        files.set(file.path, file);
        options.onFile(file);
      }
      task.advance(reader.offset - seen);
      seen = reader.offset;
    }
    // The data after the end marker is ignored, but the checksum at the end of compressed data is read.
    if (bytes.compression !== "none") await reader.skip(Infinity);
  } finally {
    task.done();
  }
  await addLinks(
    files,
    resolveLinks(links, (name) => files.has(name), archive),
    options,
  );
  return [...files.values()];
}

async function takeFile(
  entry: TarEntry,
  memberPath: string,
  options: ArchiveOptions & {
    readonly budget: (bytes: number) => void;
    readonly xmlFiles: XmlKeeper;
  },
): Promise<FoundFile> {
  const found = { path: memberPath, sizeBytes: entry.sizeBytes };
  const keep = (head: HeadKeeper | undefined): XmlFile | undefined =>
    head === undefined ? undefined : options.xmlFiles.keep(head.bytes());
  const kept = isDescriptorCandidate(memberPath) && !entry.sparse ? new HeadKeeper() : undefined;
  const data = kept === undefined ? entry.data() : kept.watch(entry.data());
  if (options.spoolFolder === undefined) {
    const allocatedBytes = entry.segments.reduce((sum, { length }) => sum + length, 0);
    const listed = { ...found, allocatedBytes, absolutePath: undefined, digests: {} };
    if (kept === undefined) {
      const header = await examineHead(await readBeginning(entry), entry.sizeBytes);
      return { ...listed, xml: undefined, header };
    }
    for await (const { bytes } of data) void bytes;
    return { ...listed, xml: keep(kept) };
  }
  const absolutePath = path.join(options.spoolFolder, memberPath);
  await makeFolder(path.dirname(absolutePath));
  const { digests } = await writeSparseFile(absolutePath, data, {
    sizeBytes: entry.sizeBytes,
    digests: options.digestsOf(memberPath),
    onWrite: options.budget,
  });
  // Executable files stay executable; the umask decides for whom.
  if ((entry.mode & 0o100) !== 0) await chmod(absolutePath, 0o777 & ~process.umask());
  return { ...found, absolutePath, digests, xml: keep(kept) };
}

/** Returns the part of a member that is needed to detect its image format; the reader skips the rest. */
async function readBeginning(entry: TarEntry): Promise<Buffer> {
  const head = Buffer.alloc(Math.min(entry.sizeBytes, HEAD_BYTES));
  if (!entry.segments.some(({ offset, length }) => length > 0 && offset < head.length)) return head;
  for await (const { position, bytes } of entry.data()) {
    if (position >= head.length) break;
    head.set(bytes.subarray(0, head.length - position), position);
    if (position + bytes.length >= head.length) break;
  }
  return head;
}

/** Keeps the first bytes of a stream. */
class HeadKeeper {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  async *watch(data: AsyncIterable<TarData>): AsyncGenerator<TarData> {
    for await (const piece of data) {
      const room = MAX_DESCRIPTOR_BYTES + 1 - this.#length;
      const taken = Buffer.from(piece.bytes.subarray(0, room));
      this.#chunks.push(taken);
      this.#length += taken.length;
      yield piece;
    }
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

async function addLinks(
  files: Map<string, FoundFile>,
  links: ReadonlyMap<string, string>,
  options: ArchiveOptions,
): Promise<void> {
  for (const [name, target] of links) {
    const file = files.get(target);
    if (file === undefined) throw new TypeError(`link ${name} was not resolved`);
    const absolutePath =
      options.spoolFolder === undefined ? undefined : path.join(options.spoolFolder, name);
    if (absolutePath !== undefined && file.absolutePath !== undefined) {
      try {
        await makeFolder(path.dirname(absolutePath));
        await link(file.absolutePath, absolutePath);
      } catch (error) {
        throw fileError(error, absolutePath);
      }
    }
    files.set(name, { ...file, path: name, absolutePath, xml: undefined });
  }
}
