import path from "node:path";
import { type Appliance, type Disk, isPlainFormat, type Problem } from "../appliance/index.ts";
import { compressions } from "../lib/bytes/compressions.ts";

const MIB = 1024 * 1024;

/** Maximum number of unexpected files that are listed. */
const MOST_NAMED = 50;

/** Suffixes of compressed files that can replace a disk of the descriptor. */
export const STAND_IN_SUFFIXES: readonly string[] = Object.values(compressions).map(
  ({ suffix }) => suffix,
);

/** Files that are allowed although no descriptor names them. */
const DOCUMENTATION = /^(README|LICEN[CS]E|COPYING|NOTICE|CHANGELOG|NEWS|AUTHORS)([.-][^/]*)?$/i;

/** Returns whether a file, relative to the descriptor, is documentation to ship with the appliance. */
export function isDocumentation(relative: string): boolean {
  return DOCUMENTATION.test(relative);
}

/** Sizes of the source's files by path relative to the descriptor; undefined until a file is expanded. */
export type FileSizes = ReadonlyMap<string, number | undefined>;

/** Returns the compressed file that replaces a missing disk, or undefined. */
export function findStandIn(disk: Disk, files: FileSizes): string | undefined {
  if (files.has(disk.file)) return undefined;
  return STAND_IN_SUFFIXES.map((suffix) => disk.file + suffix).find((name) => files.has(name));
}

/** Returns the files other than disks that a descriptor names, each with its kind. */
export function namedFiles(
  appliance: Appliance,
): readonly { readonly what: string; readonly path: string; readonly line: number | undefined }[] {
  const named = appliance.boots.flatMap(({ os, line }) =>
    os.kind !== "kernel"
      ? []
      : [
          { what: "kernel", path: os.kernel, line },
          ...(os.initrd === undefined ? [] : [{ what: "initrd", path: os.initrd, line }]),
        ],
  );
  const list = appliance.packageList;
  return list === undefined
    ? named
    : [...named, { what: "package list", path: list, line: undefined }];
}

function findDiskProblems(disk: Disk, files: FileSizes, where: string): Problem[] {
  const problem = (severity: Problem["severity"], code: string, fact: string): Problem[] => [
    { severity, code, message: `${disk.role} disk "${disk.file}" ${fact}`, line: disk.line },
  ];
  const isThere = files.has(disk.file) || findStandIn(disk, files) !== undefined;
  if (!isThere) {
    if (disk.role === "system") {
      return problem("error", "disk-missing", `is in the descriptor but not in the ${where}`);
    }
    return disk.sizeBytes === undefined
      ? problem("error", "disk-missing", `is not in the ${where} and has no size to create it with`)
      : [];
  }
  const actual = files.get(disk.file);
  const mayCompare = isPlainFormat(disk.format);
  if (!mayCompare || actual === undefined || disk.sizeBytes === undefined) return [];
  if (Math.ceil(actual / MIB) === Math.ceil(disk.sizeBytes / MIB)) return [];
  return problem(
    "warning",
    "disk-size-differs",
    `has ${actual} bytes, but ${disk.sizeBytes} in the descriptor; the file counts`,
  );
}

/**
 * Compares the files that a descriptor names with the existing files, and returns every problem.
 *
 * @param options.where  "archive" or "folder", for messages
 * @param options.descriptor  the descriptor's own file name
 */
export function checkFiles(
  appliance: Appliance,
  files: FileSizes,
  options: { readonly where: string; readonly descriptor: string },
): readonly Problem[] {
  const { where, descriptor } = options;
  const problems = appliance.disks.flatMap((disk) => findDiskProblems(disk, files, where));
  const expected = new Set([descriptor]);
  for (const disk of appliance.disks) expected.add(findStandIn(disk, files) ?? disk.file);
  for (const { what, path: name, line } of namedFiles(appliance)) {
    if (!files.has(name) && !expected.has(name)) {
      const message = `${what} "${name}" is in the descriptor but not in the ${where}`;
      problems.push({ severity: "error", code: "file-missing", message, line });
    }
    expected.add(name);
  }
  return [...problems, ...findUnexpected(files, expected)];
}

function findUnexpected(files: FileSizes, expected: ReadonlySet<string>): Problem[] {
  const extra = [...files.keys()].filter(
    (name) => !expected.has(name) && !isDocumentation(name) && !path.basename(name).startsWith("."),
  );
  const warning = (message: string): Problem => ({
    severity: "warning",
    code: "file-unexpected",
    message,
    line: undefined,
  });
  const named = extra
    .slice(0, MOST_NAMED)
    .map((name) => warning(`"${name}" is not in the descriptor`));
  const rest = extra.length - named.length;
  return rest === 0 ? named : [...named, warning(`${rest} more files are not in the descriptor`)];
}
