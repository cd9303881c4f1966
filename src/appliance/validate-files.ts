import { ApplianceError } from "../errors.ts";
import { safeRelativePath } from "../lib/safe-path.ts";
import { type Findings, quote } from "./findings.ts";
import type { Appliance } from "./model.ts";

/** Longest component of a path: the name is put behind package, version and release on the host. */
const COMPONENT_CHARS = 100;

interface NamedFile {
  readonly what: string;
  readonly path: string;
  readonly line: number | undefined;
}

function filesOf(appliance: Appliance, lines: Readonly<Record<string, number>>): NamedFile[] {
  const files: NamedFile[] = appliance.disks.map((disk) => ({
    what: `disk ${quote(disk.id)}`,
    path: disk.file,
    line: disk.line,
  }));
  for (const [index, { os, line }] of appliance.boots.entries()) {
    if (os.kind !== "kernel") continue;
    const add = (what: "kernel" | "initrd", path: string): void => {
      files.push({ what, path, line: lines[`boot ${index} ${what}`] ?? line });
    };
    add("kernel", os.kernel);
    if (os.initrd !== undefined) add("initrd", os.initrd);
  }
  if (appliance.packageList !== undefined) {
    files.push({
      what: "package list",
      path: appliance.packageList,
      line: lines["package-list"],
    });
  }
  return files;
}

function findPathProblems({ what, path, line }: NamedFile, findings: Findings): void {
  try {
    if (safeRelativePath(path, what) !== path) {
      findings.report(
        "path-unsafe",
        `${what}: path ${quote(path)} has superfluous parts, expected none`,
        line,
      );
    }
  } catch (error) {
    if (!(error instanceof ApplianceError)) throw error;
    const hint = "expected a relative path to a file beside the descriptor";
    findings.report("path-unsafe", `${error.message}, ${hint}`, line);
    return;
  }
  if (/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(path) || path !== path.trim()) {
    findings.report(
      "path-unsafe",
      `${what}: path ${quote(path)} contains a control character, or begins or ends with a space`,
      line,
    );
  }
  const long = path.split("/").find((part) => Buffer.byteLength(part) > COMPONENT_CHARS);
  if (long !== undefined) {
    findings.report(
      "path-unsafe",
      `${what}: path ${quote(path)} has a name of ${Buffer.byteLength(long)} bytes, expected at most ${COMPONENT_CHARS}`,
      line,
    );
  }
  if (!/^[A-Za-z0-9_.+%/-]*$/.test(path) || /(^|\/)-/.test(path)) {
    findings.report(
      "path-not-portable",
      `${what}: path ${quote(path)}, expected letters, digits and _ . + % - only, and no leading -`,
      line,
    );
  }
}

/** Reports unsafe paths, and files that would collide on one file system or another. */
export function findFileProblems(
  appliance: Appliance,
  lines: Readonly<Record<string, number>>,
  findings: Findings,
): void {
  const files = filesOf(appliance, lines);
  const byFolded = new Map<string, NamedFile>();
  const diskFiles = new Set<string>();
  files.forEach((file, index) => {
    findPathProblems(file, findings);
    const twin = byFolded.get(file.path.toLowerCase());
    if (twin !== undefined && twin.path !== file.path) {
      findings.report(
        "file-case-twin",
        `${file.what}: path ${quote(file.path)} differs from ${quote(twin.path)} in case only`,
        file.line,
      );
    }
    byFolded.set(file.path.toLowerCase(), twin ?? file);
    if (index >= appliance.disks.length) return;
    if (diskFiles.has(file.path)) {
      findings.report(
        "file-repeated",
        `${file.what}: another disk has the same file ${quote(file.path)}`,
        file.line,
      );
    }
    diskFiles.add(file.path);
  });
}
