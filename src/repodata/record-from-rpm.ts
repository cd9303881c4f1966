import type { RpmHeader, RpmPackage } from "../rpm/index.ts";
import { trimEndOf } from "../lib/trim-end.ts";
import { headerText, headerTexts } from "./header-text.ts";
import type { ChangelogRecord, FileRecord, PackageRecord } from "./package-record.ts";
import { dependencyRecords } from "./record-dependencies.ts";

/** Number of newest changelog entries in metadata, createrepo_c's default. */
const CHANGELOG_LIMIT = 10;
const MODE_FORMAT = 0o170000;
const MODE_DIRECTORY = 0o040000;
const FILEFLAG_GHOST = 1 << 6;

function fileRecords(header: RpmHeader<"main">): FileRecord[] {
  const folders = headerTexts(header, "DIRNAMES");
  const folderOf = header.integers("DIRINDEXES");
  const modes = header.integers("FILEMODES");
  const flags = header.integers("FILEFLAGS");
  return headerTexts(header, "BASENAMES").map((name, i) => {
    const path = `${folders[folderOf[i] ?? 0] ?? ""}${name}`;
    if (((modes[i] ?? 0) & MODE_FORMAT) === MODE_DIRECTORY) return { path, kind: "dir" };
    return { path, kind: ((flags[i] ?? 0) & FILEFLAG_GHOST) === 0 ? "file" : "ghost" };
  });
}

/**
 * Returns the newest entries, oldest first. Of several entries at one second, the newer ones get a later time, because
 * readers sort only by time.
 */
function changelogRecords(header: RpmHeader<"main">): ChangelogRecord[] {
  const authors = headerTexts(header, "CHANGELOGNAME");
  const texts = headerTexts(header, "CHANGELOGTEXT");
  const times = header.integers("CHANGELOGTIME").slice(0, CHANGELOG_LIMIT);
  let before = 0;
  let last = -1;
  return times
    .map((time, i) => ({ time, i }))
    .reverse()
    .map(({ time, i }) => {
      last = time >= before && time <= last ? last + 1 : time;
      before = time;
      return {
        author: trimEndOf(authors[i] ?? "", " \t"),
        timeSeconds: last,
        text: texts[i] ?? "",
      };
    });
}

/** Facts about a package's file outside of its headers. */
export interface PackageFile {
  /** SHA-256 of the whole file, lower-case hex. */
  readonly sha256: string;
  /** Path below the repository's root. */
  readonly location: string;
  /** Modification time of the file in the repository. Default: its build time. */
  readonly fileTimeSeconds?: number;
}

/** Returns the metadata record of a package. */
export function recordFromRpm(rpm: RpmPackage, file: PackageFile): PackageRecord {
  const { header, signature, nevra } = rpm;
  const buildTimeSeconds = header.integers("BUILDTIME")[0] ?? 0;
  const files = fileRecords(header);
  return {
    name: nevra.name,
    epoch: nevra.epoch ?? 0,
    version: nevra.version,
    release: nevra.release,
    arch: rpm.isSource ? "src" : nevra.arch,
    pkgid: file.sha256,
    summary: headerText(header, "SUMMARY"),
    description: headerText(header, "DESCRIPTION"),
    packager: headerText(header, "PACKAGER"),
    url: headerText(header, "URL"),
    fileTimeSeconds: file.fileTimeSeconds ?? buildTimeSeconds,
    buildTimeSeconds,
    sizeBytes: rpm.fileSizeBytes,
    installedBytes: header.integers("LONGSIZE")[0] ?? header.integers("SIZE")[0] ?? 0,
    archiveBytes:
      signature.integers("LONGARCHIVESIZE")[0] ??
      signature.integers("PAYLOADSIZE")[0] ??
      header.integers("ARCHIVESIZE")[0] ??
      0,
    location: file.location,
    license: headerText(header, "LICENSE"),
    vendor: headerText(header, "VENDOR"),
    group: headerText(header, "GROUP"),
    buildHost: header.string("BUILDHOST") ?? "",
    sourceRpm: header.string("SOURCERPM") ?? "",
    headerRange: { start: rpm.headerStart, end: rpm.headerEnd },
    dependencies: dependencyRecords(header, files),
    files,
    changelog: changelogRecords(header),
  };
}
