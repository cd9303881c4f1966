import { countOf } from "../lib/count-of.ts";
import { formatSizes } from "../lib/format-size.ts";
import { type Findings, quote } from "./findings.ts";
import { limits } from "./limits.ts";
import type { Appliance, Disk } from "./model.ts";

const digestChars = { sha1: 40, sha256: 64 } as const;

function findOneDiskProblems(disk: Disk, findings: Findings): void {
  const { id, line, role, sizeBytes, checksums } = disk;
  const what = `disk ${quote(id)}`;
  if (!/^\S(?:.*\S)?$/u.test(id) || id.length > limits.idChars || /\p{Cc}|\p{Cs}/u.test(id)) {
    findings.report(
      "disk-id-invalid",
      `${what}: id has ${countOf(id.length, "character")}, expected 1 to ${limits.idChars} without control characters`,
      line,
    );
  }
  if (
    sizeBytes !== undefined &&
    !(Number.isInteger(sizeBytes) && sizeBytes > 0 && sizeBytes <= limits.diskBytes)
  ) {
    const [found, most] = formatSizes(sizeBytes, limits.diskBytes);
    findings.report(
      "disk-size-invalid",
      `${what}: size is ${found}, expected 1 B to ${most}`,
      line,
    );
  }
  if (sizeBytes === undefined && role !== "system") {
    findings.report(
      "disk-size-missing",
      `${what}: no size, expected one in MiB: without it a ${role} disk needs its file`,
      line,
    );
  }
  for (const { type, value } of checksums) {
    if (value.length !== digestChars[type] || !/^[0-9a-f]*$/.test(value)) {
      findings.report(
        "checksum-invalid",
        `${what}: ${type} checksum ${quote(value)}, expected ${digestChars[type]} hex digits`,
        line,
      );
    }
  }
  if (checksums.length > 0 && checksums.every((checksum) => checksum.type === "sha1")) {
    findings.report("checksum-weak", `${what}: only an sha1 checksum, expected sha256`, line);
  }
}

/** Reports what is wrong with the disks, each and together. */
export function findDiskProblems(appliance: Appliance, findings: Findings): void {
  const { disks, boots } = appliance;
  const ids = new Set<string>();
  const used = new Set(boots.flatMap((boot) => boot.drives.map((drive) => drive.disk)));
  for (const disk of disks) {
    findOneDiskProblems(disk, findings);
    if (ids.has(disk.id)) {
      findings.report(
        "disk-id-repeated",
        `disk ${quote(disk.id)}: second disk with this id, expected unique ids`,
        disk.line,
      );
    }
    ids.add(disk.id);
    if (boots.length > 0 && !used.has(disk.id)) {
      findings.report("disk-unused", `disk ${quote(disk.id)}: no <boot> attaches it`, disk.line);
    }
  }
  const [first, second] = disks;
  if (first !== undefined && second !== undefined && disks.every((d) => d.role === "system")) {
    findings.report(
      "disks-all-system",
      `storage: all ${disks.length} disks are system disks, so no data survives an update; expected use "data" for some`,
      first.line,
    );
  }
}
