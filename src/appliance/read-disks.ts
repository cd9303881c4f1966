import { childrenOf, type XmlElement } from "../lib/xml/tree.ts";
import { diskFormatNames, formatOfName, isDiskFormat } from "./disk-formats.ts";
import { type Findings, quote } from "./findings.ts";
import { valueOf } from "./grammar.ts";
import { DISK_SIZE_UNIT_BYTES } from "./limits.ts";
import type { Checksum, Disk, DiskFormat, DiskRole } from "./model.ts";
import { readInteger, readPath } from "./read-values.ts";

const hexLength: Readonly<Record<string, Checksum["type"]>> = { 40: "sha1", 64: "sha256" };

interface DiskPlace {
  /** `disk "root.img"`. */
  readonly what: string;
  readonly line: number;
  readonly findings: Findings;
}

function readRole(element: XmlElement, { what, line, findings }: DiskPlace): DiskRole {
  const use = valueOf(element, "use");
  switch (use) {
    case "system":
    case "data":
    case "scratch":
      return use;
    case "user":
      findings.report("legacy-form", `${what}: use "user", expected "data"`, line);
      return "data";
    case undefined:
      findings.report(
        "disk-role-missing",
        `${what}: no "use", expected system, data or scratch; uses system`,
        line,
      );
      return "system";
    default:
      findings.report(
        "disk-role-unknown",
        `${what}: use ${quote(use)}, expected system, data or scratch`,
        line,
      );
      return "system";
  }
}

function readFormat(element: XmlElement, file: string, place: DiskPlace): DiskFormat {
  const { what, line, findings } = place;
  const said = valueOf(element, "format")?.toLowerCase() ?? "raw";
  if (!isDiskFormat(said)) {
    findings.report(
      "disk-format-unknown",
      `${what}: format ${quote(said)}, expected one of ${diskFormatNames.join(", ")}`,
      line,
    );
    return "raw";
  }
  const told = formatOfName(file);
  if (told !== undefined && told !== said) {
    findings.report(
      "disk-format-doubtful",
      `${what}: format is ${said}, but the file name has ${told}`,
      line,
    );
  }
  return said;
}

function readSize(element: XmlElement, place: DiskPlace): number | undefined {
  const sizeText = valueOf(element, "size");
  const bytesText = valueOf(element, "va:bytes");
  const size =
    sizeText === undefined
      ? undefined
      : readInteger(sizeText, { ...place, what: `${place.what}: size` });
  const bytes =
    bytesText === undefined
      ? undefined
      : readInteger(bytesText, { ...place, what: `${place.what}: bytes` });
  if (bytes === undefined) return size === undefined ? undefined : size * DISK_SIZE_UNIT_BYTES;
  if (size !== undefined && Math.ceil(bytes / DISK_SIZE_UNIT_BYTES) !== size) {
    place.findings.report(
      "disk-size-invalid",
      `${place.what}: size is ${size} MiB, but bytes is ${bytes}, expected equal sizes`,
      place.line,
    );
  }
  return bytes;
}

function readChecksums(element: XmlElement, { what, findings }: DiskPlace): Checksum[] {
  const checksums: Checksum[] = [];
  for (const child of childrenOf(element, "checksum")) {
    const value = child.text.trim().toLowerCase();
    const type = valueOf(child, "type")?.toLowerCase() ?? hexLength[value.length];
    if (type !== "sha1" && type !== "sha256") {
      findings.report(
        "checksum-unknown",
        `${what}: checksum type ${quote(type ?? "")} is not checked, expected sha256`,
        child.line,
      );
      continue;
    }
    const same = checksums.find((checksum) => checksum.type === type);
    if (same === undefined) {
      checksums.push({ type, value });
    } else if (same.value === value) {
      findings.report("checksum-repeated", `${what}: ${type} checksum appears twice`, child.line);
    } else {
      findings.report("checksum-invalid", `${what}: two different ${type} checksums`, child.line);
    }
  }
  return checksums;
}

/** Returns a disk. Returns undefined, with a problem, for a disk that cannot be used. */
function readDisk(element: XmlElement, findings: Findings): Disk | undefined {
  const { line } = element;
  const rawFile = valueOf(element, "file");
  const id = valueOf(element, "id") ?? rawFile;
  if (id === undefined) {
    findings.report(
      "disk-ignored",
      'disk: neither "file" nor "id", expected a file; it is left out',
      line,
    );
    return undefined;
  }
  const place: DiskPlace = { what: `disk ${quote(id)}`, line, findings };
  const role = readRole(element, place);
  const sizeBytes = readSize(element, place);
  const usable = role !== "system" && sizeBytes !== undefined;
  if (rawFile === undefined) {
    findings.report(
      usable ? "legacy-form" : "disk-without-file",
      `${place.what}: no "file"${usable ? `; ${quote(id)} is taken, it is created from its size` : ", expected one; in a recipe, the name of the disk to create"}`,
      line,
    );
  }
  const file = readPath(rawFile ?? id, place);
  return {
    id,
    file,
    role,
    format: readFormat(element, file, place),
    sizeBytes,
    checksums: readChecksums(element, place),
    line,
  };
}

/** Returns the disks of a `<storage>` in document order. */
export function readDisks(storage: XmlElement, findings: Findings): Disk[] {
  const disks: Disk[] = [];
  for (const element of childrenOf(storage, "disk")) {
    const disk = readDisk(element, findings);
    if (disk !== undefined) disks.push(disk);
  }
  return disks;
}
