import { ApplianceError } from "../errors.ts";
import { escapeAttribute as escapeQuoted, escapeText as escapeAny } from "../lib/xml/write.ts";
import {
  type DependencyKind,
  dependencyKinds,
  type DependencyRecord,
  type FileRecord,
  type PackageRecord,
} from "./package-record.ts";

/** The kinds of metadata with an element for each package. */
export const indexTypes = ["primary", "filelists", "other"] as const;

/** Name of a kind of metadata. */
export type IndexType = (typeof indexTypes)[number];

/** The element of one package in each kind of metadata, with its final line feed. */
export type PackageChunks = Readonly<Record<IndexType, string>>;

/** Returns whether a path is in primary metadata, because packages often depend on such paths. */
export function isPrimaryPath(path: string): boolean {
  return path.startsWith("/etc/") || path.includes("bin/") || path === "/usr/lib/sendmail";
}

/** ASCII without characters that need escaping, as nearly every text of a package is. */
const PLAIN = /^[ !#-%'-;=?-~]*$/;

function escapeText(text: string): string {
  return PLAIN.test(text) ? text : escapeAny(text);
}

/** createrepo_c writes only attributes in plain ASCII. */
function escapeAttribute(text: string): string {
  if (PLAIN.test(text)) return text;
  return escapeQuoted(text).replace(
    /[\u0080-\u{10ffff}]/gu,
    (c) => `&#x${(c.codePointAt(0) ?? 0).toString(16).toUpperCase()};`,
  );
}

/** Writes an empty text as an empty pair of tags, like createrepo_c. */
function element(indent: string, name: string, text: string): string {
  return `${indent}<${name}>${escapeText(text)}</${name}>\n`;
}

function versionElement(record: PackageRecord): string {
  const { epoch, version, release } = record;
  return `  <version epoch="${epoch}" ver="${escapeAttribute(version)}" rel="${escapeAttribute(release)}"/>\n`;
}

function fileElement(indent: string, file: FileRecord): string {
  const type = file.kind === "file" ? "" : ` type="${file.kind}"`;
  return `${indent}<file${type}>${escapeText(file.path)}</file>\n`;
}

function dependencyElement(entry: DependencyRecord): string {
  let attributes = ` name="${escapeAttribute(entry.name)}"`;
  if (entry.flags !== undefined) attributes += ` flags="${entry.flags}"`;
  if (entry.epoch !== undefined) attributes += ` epoch="${entry.epoch}"`;
  if (entry.version !== undefined) attributes += ` ver="${escapeAttribute(entry.version)}"`;
  if (entry.release !== undefined) attributes += ` rel="${escapeAttribute(entry.release)}"`;
  if (entry.pre === true) attributes += ' pre="1"';
  return `      <rpm:entry${attributes}/>\n`;
}

function dependencyList(kind: DependencyKind, record: PackageRecord): string {
  const entries = record.dependencies[kind] ?? [];
  if (entries.length === 0) return "";
  return `    <rpm:${kind}>\n${entries.map(dependencyElement).join("")}    </rpm:${kind}>\n`;
}

function renderPrimary(record: PackageRecord): string {
  const { headerRange } = record;
  return [
    '<package type="rpm">\n',
    element("  ", "name", record.name),
    element("  ", "arch", record.arch),
    versionElement(record),
    `  <checksum type="sha256" pkgid="YES">${record.pkgid}</checksum>\n`,
    element("  ", "summary", record.summary),
    element("  ", "description", record.description),
    element("  ", "packager", record.packager),
    element("  ", "url", record.url),
    `  <time file="${record.fileTimeSeconds}" build="${record.buildTimeSeconds}"/>\n`,
    `  <size package="${record.sizeBytes}" installed="${record.installedBytes}" archive="${record.archiveBytes}"/>\n`,
    `  <location href="${escapeAttribute(record.location)}"/>\n`,
    "  <format>\n",
    element("    ", "rpm:license", record.license),
    element("    ", "rpm:vendor", record.vendor),
    element("    ", "rpm:group", record.group),
    element("    ", "rpm:buildhost", record.buildHost),
    element("    ", "rpm:sourcerpm", record.sourceRpm),
    `    <rpm:header-range start="${headerRange.start}" end="${headerRange.end}"/>\n`,
    ...dependencyKinds.map((kind) => dependencyList(kind, record)),
    ...record.files
      .filter((file) => isPrimaryPath(file.path))
      .map((file) => fileElement("    ", file)),
    "  </format>\n</package>\n",
  ].join("");
}

function withId(record: PackageRecord, inner: readonly string[]): string {
  const name = escapeAttribute(record.name);
  const open = `<package pkgid="${record.pkgid}" name="${name}" arch="${escapeAttribute(record.arch)}">\n`;
  return `${open}${versionElement(record)}${inner.join("")}</package>\n`;
}

/**
 * Returns the three elements of a package as createrepo_c writes them, byte for byte.
 *
 * @throws ApplianceError `REPODATA_BAD_TEXT` if a text has a character that XML does not allow
 */
export function renderPackage(record: PackageRecord): PackageChunks {
  try {
    return {
      primary: renderPrimary(record),
      filelists: withId(
        record,
        record.files.map((file) => fileElement("  ", file)),
      ),
      other: withId(
        record,
        record.changelog.map(
          ({ author, timeSeconds, text }) =>
            `  <changelog author="${escapeAttribute(author)}" date="${timeSeconds}">${escapeText(text)}</changelog>\n`,
        ),
      ),
    };
  } catch (cause) {
    if (!(cause instanceof ApplianceError)) throw cause;
    throw new ApplianceError("REPODATA_BAD_TEXT", `${record.location}: ${cause.message}`, {
      cause,
      hint: "remove the control character from the package's texts, and build it again",
    });
  }
}
