import type { PackagePlan, PlannedEntry } from "../../package/index.ts";
import {
  cpioPadding,
  encodeNewcEntry,
  encodeStrippedEntry,
  encodeTrailer,
  LARGE_FILE_BYTES,
} from "../format/cpio.ts";
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
}

/** Layout of the package, known before the first byte is read. */
export interface Layout {
  /** In the order of the header. */
  readonly entries: readonly LaidOutEntry[];
  /** In the order of the archive: templates come last, ghosts are left out. */
  readonly archived: readonly LaidOutEntry[];
  /** True if a file needs 64-bit sizes, and therefore the stripped form of the archive. */
  readonly hasLargeFiles: boolean;
  /** Size of all installed files, in bytes, as rpm counts it: symbolic links count, directories do not. */
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
  const filled = fillTemplate(source.text, (path) => ({
    sizeBytes: stagedSizeOf(path),
    sha256: "0".repeat(64),
  }));
  return Buffer.byteLength(filled);
}

/** Templates quote digests, which are known once the quoted files have been read. */
function isTemplate({ entry }: LaidOutEntry): boolean {
  return entry.kind === "file" && entry.source.kind === "template";
}

/** Encodes the header of an entry in the archive. */
export function encodeArchiveEntry(laidOut: LaidOutEntry, hasLargeFiles: boolean): Buffer {
  const { entry, index, mode, sizeBytes } = laidOut;
  if (hasLargeFiles) return encodeStrippedEntry(index);
  return encodeNewcEntry({
    path: entry.path,
    mode,
    inode: index + 1,
    mtimeSeconds: entry.mtimeSeconds,
    sizeBytes,
  });
}

/**
 * Lays out a package: order, sizes, and the form of the archive.
 *
 * @param stagedSizeOf  returns the size in bytes of the staged file that is packaged at an absolute path
 */
export function layOut(plan: PackagePlan, stagedSizeOf: (path: string) => number): Layout {
  const entries = plan.entries.map((entry, index): LaidOutEntry => ({
    entry,
    index,
    mode: fileTypes[entry.kind] | (entry.kind === "symlink" ? SYMLINK_PERMISSIONS : entry.mode),
    sizeBytes: sizeOf(entry, stagedSizeOf),
  }));
  const hasLargeFiles = entries.some(({ sizeBytes }) => sizeBytes >= LARGE_FILE_BYTES);
  const present = entries.filter(({ entry }) => entry.kind !== "ghost");
  const archived = [
    ...present.filter((laidOut) => !isTemplate(laidOut)),
    ...present.filter(isTemplate),
  ];
  const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);
  return {
    entries,
    archived,
    hasLargeFiles,
    installedBytes: sum(entries.map(({ sizeBytes }) => sizeBytes)),
    archiveBytes:
      sum(
        archived.map(
          (laidOut) =>
            encodeArchiveEntry(laidOut, hasLargeFiles).length +
            laidOut.sizeBytes +
            cpioPadding(laidOut.sizeBytes),
        ),
      ) + encodeTrailer().length,
  };
}
