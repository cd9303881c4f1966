import path from "node:path";
import type { FileAttribute, PlannedEntry, VerifyAspect } from "../../package/index.ts";
import { LARGE_FILE_BYTES } from "../format/cpio.ts";
import { fileFlags, verifyFlags } from "../format/flags.ts";
import type { HeaderEntry } from "../format/header.ts";
import { mainEntry } from "../format/make-entry.ts";
import type { TagName } from "../format/tags.ts";
import { inodeOf, type LaidOutEntry, type Layout } from "./layout.ts";

const attributeFlags: Readonly<Record<FileAttribute, number>> = {
  config: fileFlags.CONFIG,
  noreplace: fileFlags.NOREPLACE,
  doc: fileFlags.DOC,
  license: fileFlags.LICENSE,
  readme: fileFlags.README,
  missingok: fileFlags.MISSINGOK,
};

const aspectFlags: Readonly<Record<VerifyAspect, number>> = {
  digest: verifyFlags.FILEDIGEST,
  size: verifyFlags.FILESIZE,
  link: verifyFlags.LINKTO,
  user: verifyFlags.USER,
  group: verifyFlags.GROUP,
  mtime: verifyFlags.MTIME,
  mode: verifyFlags.MODE,
  rdev: verifyFlags.RDEV,
  caps: verifyFlags.CAPS,
};

/** Attributes of a ghost that cannot be verified, because its content is not shipped. */
const ghostAspects: readonly VerifyAspect[] = ["digest", "size", "link", "mtime"];

function flagsOf(entry: PlannedEntry): number {
  const flags = (entry.attributes ?? []).reduce((all, one) => all | attributeFlags[one], 0);
  return entry.kind === "ghost" ? flags | fileFlags.GHOST : flags;
}

function verifyFlagsOf(entry: PlannedEntry): number {
  const excepted = [
    ...(entry.verifyExcept ?? []),
    ...(entry.kind === "ghost" ? ghostAspects : []),
  ].reduce((all, one) => all | aspectFlags[one], 0);
  return ~excepted >>> 0;
}

/** Whether an entry is a program with capabilities. */
export function hasCapabilities(entry: PlannedEntry): boolean {
  return entry.kind === "file" && entry.capabilities !== undefined;
}

function pathEntries(entries: readonly LaidOutEntry[]): HeaderEntry[] {
  const split = entries.map(({ entry }) => path.posix.parse(entry.path));
  const folders = split.map(({ dir }) => (dir === "/" ? dir : `${dir}/`));
  const distinct = [...new Set(folders)];
  const positions = new Map(distinct.map((folder, i) => [folder, i]));
  return [
    mainEntry.integers(
      "DIRINDEXES",
      folders.map((folder) => positions.get(folder) ?? 0),
    ),
    mainEntry.texts(
      "BASENAMES",
      split.map(({ base }) => base),
    ),
    mainEntry.texts("DIRNAMES", distinct),
  ];
}

function capabilityEntries(entries: readonly LaidOutEntry[]): HeaderEntry[] {
  if (!entries.some(({ entry }) => hasCapabilities(entry))) return [];
  const capabilitiesOf = ({ entry }: LaidOutEntry): string =>
    entry.kind === "file" ? (entry.capabilities ?? "") : "";
  return [mainEntry.texts("FILECAPS", entries.map(capabilitiesOf))];
}

/**
 * Returns the tags of the file list.
 *
 * @param sha256Of  digest of a regular file in lower-case hex
 */
export function fileEntries(
  layout: Layout,
  sha256Of: (laidOut: LaidOutEntry) => string,
): HeaderEntry[] {
  const { entries, installedBytes, format } = layout;
  const isLong = format === 6 || installedBytes >= LARGE_FILE_BYTES;
  const total = mainEntry.integers(isLong ? "LONGSIZE" : "SIZE", [installedBytes]);
  // SHA-256 in OpenPGP's numbering. Without this tag, rpm reads the digests as MD5.
  const algorithm = mainEntry.integers("FILEDIGESTALGO", [8]);
  if (entries.length === 0) return [total, algorithm];
  const texts = (tag: TagName<"main">, one: (laidOut: LaidOutEntry) => string): HeaderEntry =>
    mainEntry.texts(tag, entries.map(one));
  const integers = (tag: TagName<"main">, one: (laidOut: LaidOutEntry) => number): HeaderEntry =>
    mainEntry.integers(tag, entries.map(one));
  return [
    total,
    algorithm,
    integers(layout.usesLargeFiles ? "LONGFILESIZES" : "FILESIZES", ({ sizeBytes }) => sizeBytes),
    integers("FILEMODES", ({ mode }) => mode),
    integers("FILERDEVS", () => 0),
    integers("FILEMTIMES", ({ entry }) => entry.mtimeSeconds),
    texts("FILEDIGESTS", (laidOut) => (laidOut.entry.kind === "file" ? sha256Of(laidOut) : "")),
    texts("FILELINKTOS", ({ entry }) => (entry.kind === "symlink" ? entry.target : "")),
    integers("FILEFLAGS", ({ entry }) => flagsOf(entry)),
    texts("FILEUSERNAME", ({ entry }) => entry.user),
    texts("FILEGROUPNAME", ({ entry }) => entry.group),
    integers("FILEVERIFYFLAGS", ({ entry }) => verifyFlagsOf(entry)),
    integers("FILEDEVICES", () => 1),
    integers("FILEINODES", inodeOf),
    texts("FILELANGS", () => ""),
    ...capabilityEntries(entries),
    ...pathEntries(entries),
  ];
}
