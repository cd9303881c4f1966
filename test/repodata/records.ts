import { digestOf } from "../../src/lib/bytes/digest.ts";
import type { PackageRecord } from "../../src/repodata/index.ts";

/** A package record of a plausible size; the number decides everything about it. */
export function sampleRecord(
  number: number,
  overrides: Partial<PackageRecord> = {},
): PackageRecord {
  const name = `package-${String(number).padStart(5, "0")}`;
  return {
    name,
    epoch: 0,
    version: "1.2",
    release: "3",
    arch: "x86_64",
    pkgid: digestOf(name),
    summary: `Package number ${number}`,
    description: `A package that is number ${number} of many.\nIt does nothing.`,
    packager: "",
    url: "https://example.com/",
    fileTimeSeconds: 1_700_000_000 + number,
    buildTimeSeconds: 1_700_000_000 + number,
    sizeBytes: 10_000 + number,
    installedBytes: 20_000,
    archiveBytes: 20_200,
    location: `packages/${name}-1.2-3.x86_64.rpm`,
    license: "MIT",
    vendor: "Example",
    group: "Unspecified",
    buildHost: "builder.example.com",
    sourceRpm: `${name}-1.2-3.src.rpm`,
    headerRange: { start: 4504, end: 9000 },
    dependencies: {
      provides: [{ name, flags: "EQ", epoch: "0", version: "1.2", release: "3" }],
      requires: Array.from({ length: 6 }, (_, i) => ({ name: `library-${i}.so.1()(64bit)` })),
    },
    files: Array.from({ length: 20 }, (_, i) => ({
      path: i === 0 ? `/usr/bin/${name}` : `/usr/share/${name}/file-${i}`,
      kind: "file",
    })),
    changelog: Array.from({ length: 3 }, (_, i) => ({
      author: `Somebody <somebody@example.com> 1.2-${i}`,
      timeSeconds: 1_600_000_000 + i,
      text: "- an entry that says what changed",
    })),
    ...overrides,
  };
}

/** Several, numbered from 0. */
export function sampleRecords(count: number): PackageRecord[] {
  return Array.from({ length: count }, (_, i) => sampleRecord(i));
}
