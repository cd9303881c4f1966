import type { PackagePlan, PlannedEntry } from "../../package/index.ts";
import {
  cpioPadding,
  encodeNewcEntry,
  encodeStrippedEntry,
  encodeTrailer,
  LARGE_FILE_BYTES,
} from "../format/cpio.ts";
import type { RpmFormat } from "../format/rpm-format.ts";
import { fillTemplate } from "./template.ts";

const fileTypes = { file: 0o100000, ghost: 0o100000, directory: 0o040000, symlink: 0o120000 };

/** rpm stores every symbolic link with mode 0777. */
const SYMLINK_PERMISSIONS = 0o777;

/** A planned entry with all its fields in the header and the archive, except the digest. */
export interface LaidOutEntry {
  readonly entry: PlannedEntry;
  /** Position in the header's list. */
  readonly index: number;
  /** File type and permissions. */
  readonly mode: number;
  /** Bytes of the content of a file or of the target of a symbolic link; otherwise 0. */
  readonly sizeBytes: number;
  /** The entry that has the content: another one for a hard link. */
  readonly holder: PlannedEntry;
  /** Positions of all names of the file, in order: several for hard links. */
  readonly names: readonly number[];
}

/** Layout of the package, known before the first byte is read. */
export interface Layout {
  /** In the order of the header. */
  readonly entries: readonly LaidOutEntry[];
  /** In the order of the archive: hard links come after other files, templates last; ghosts are left out. */
  readonly archived: readonly LaidOutEntry[];
  readonly format: RpmFormat;
  /**
   * True if the sizes of files have 64 bits and the archive is stripped: for a large file, and in format 6. rpm calls it
   * LargeFiles.
   */
  readonly usesLargeFiles: boolean;
  /**
   * Size of all installed files, in bytes, as rpm counts it: symbolic links count, directories do not, hard links count
   * once.
   */
  readonly installedBytes: number;
  /** Size of the archive before compression, in bytes. */
  readonly archiveBytes: number;
}

function sizeOf(entry: PlannedEntry, stagedSizeOf: (path: string) => number): number {
  if (entry.kind === "symlink") return Buffer.byteLength(entry.target);
  if (entry.kind !== "file") return 0;
  const { source } = entry;
  if (source.kind === "staged") return stagedSizeOf(entry.path);
  if (source.kind === "text") return Buffer.byteLength(source.text);
  if (source.kind === "hardlink") return 0;
  const filled = fillTemplate(source.text, (path) => ({
    sizeBytes: stagedSizeOf(path),
    sha256: "0".repeat(64),
  }));
  return Buffer.byteLength(filled);
}

/** Returns the path of the entry that has the content. */
function holderPath(entry: PlannedEntry): string {
  return entry.kind === "file" && entry.source.kind === "hardlink" ? entry.source.path : entry.path;
}

/** Returns the entries by their paths, and the positions of all names of each file by the path that has the content. */
function indexEntries(entries: readonly PlannedEntry[]): {
  readonly byPath: ReadonlyMap<string, PlannedEntry>;
  readonly names: ReadonlyMap<string, readonly number[]>;
} {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const names = new Map<string, number[]>();
  for (const [index, entry] of entries.entries()) {
    const holder = holderPath(entry);
    const known = names.get(holder);
    if (known === undefined) names.set(holder, [index]);
    else known.push(index);
  }
  return { byPath, names };
}

/**
 * Returns the place in the archive, as a sort key. rpmbuild writes hard links last. Templates quote digests, which are
 * known once the quoted files have been read.
 */
function placeOf({ holder, names, index }: LaidOutEntry): readonly [number, number, number] {
  const isTemplate = holder.kind === "file" && holder.source.kind === "template";
  const rank = (isTemplate ? 2 : 0) + (names.length > 1 ? 1 : 0);
  return [rank, names[0] ?? index, index];
}

function byPlace(a: LaidOutEntry, b: LaidOutEntry): number {
  const [x, y] = [placeOf(a), placeOf(b)];
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
}

/** Returns the inode number of an entry: names of one file have the same, no others. */
export function inodeOf({ names, index }: LaidOutEntry): number {
  return (names[0] ?? index) + 1;
}

/** Whether the content follows in the archive: of the names of one file, the last one has it. */
export function hasContent({ names, index }: LaidOutEntry): boolean {
  return names.at(-1) === index;
}

/** Returns the bytes of content that follow an entry in the archive. */
export function contentBytes(laidOut: LaidOutEntry): number {
  return hasContent(laidOut) ? laidOut.sizeBytes : 0;
}

/** Encodes the header of an entry in the archive. */
export function encodeArchiveEntry(laidOut: LaidOutEntry, usesLargeFiles: boolean): Buffer {
  const { entry, index, mode } = laidOut;
  if (usesLargeFiles) return encodeStrippedEntry(index);
  return encodeNewcEntry({
    path: entry.path,
    mode,
    inode: inodeOf(laidOut),
    links: laidOut.names.length,
    mtimeSeconds: entry.mtimeSeconds,
    sizeBytes: contentBytes(laidOut),
  });
}

/**
 * Lays out a package: order, sizes, and the form of the archive.
 *
 * @param stagedSizeOf  returns the size in bytes of the staged file that is packaged at an absolute path
 */
export function layOut(
  plan: PackagePlan,
  stagedSizeOf: (path: string) => number,
  format: RpmFormat,
): Layout {
  const { byPath, names } = indexEntries(plan.entries);
  const entries = plan.entries.map((entry, index): LaidOutEntry => {
    const at = holderPath(entry);
    const holder = byPath.get(at) ?? entry;
    return {
      entry,
      index,
      mode: fileTypes[entry.kind] | (entry.kind === "symlink" ? SYMLINK_PERMISSIONS : entry.mode),
      sizeBytes: sizeOf(holder, stagedSizeOf),
      holder,
      names: names.get(at) ?? [index],
    };
  });
  const usesLargeFiles =
    format === 6 || entries.some(({ sizeBytes }) => sizeBytes >= LARGE_FILE_BYTES);
  const archived = entries.filter(({ entry }) => entry.kind !== "ghost").toSorted(byPlace);
  const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);
  const archivedBytes = (laidOut: LaidOutEntry): number => {
    const bytes = contentBytes(laidOut);
    return encodeArchiveEntry(laidOut, usesLargeFiles).length + bytes + cpioPadding(bytes);
  };
  return {
    entries,
    archived,
    format,
    usesLargeFiles,
    installedBytes: sum(entries.map(contentBytes)),
    archiveBytes: sum(archived.map(archivedBytes)) + encodeTrailer().length,
  };
}
