import { countOf } from "../../lib/count-of.ts";
import { ApplianceError } from "../../errors.ts";
import { safeRelativePath } from "../../lib/safe-path.ts";
import type { PackagePlan, PlannedEntry } from "../../package/index.ts";
import { quotedPaths } from "../native/template.ts";
import { capabilityProblems } from "./capabilities.ts";
import { hardLinkProblems } from "./hard-links.ts";
import { integerProblems, lineProblems, patternProblems } from "./text.ts";

/** Linux's limits for a path and for one name in it. */
const MAX_PATH_BYTES = 4095;
const MAX_NAME_BYTES = 255;
/** What `rpm -V` reads of the target of a symbolic link: it reports every longer one as changed. */
const MAX_TARGET_BYTES = 1024;
/** Length of what rpm adds to the name of a file until all of it is there: a semicolon and eight digits. */
const UNPACKING_BYTES = 9;
/** Maximum number of elements of a tag in rpm. */
const MAX_ENTRIES = 1024 * 1024 - 1;

const account = {
  pattern: /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/,
  expected: "the name of a user or group",
};

function pathProblems({ path, kind }: PlannedEntry): string[] {
  const problems = lineProblems("path", path);
  if (problems.length > 0) return problems;
  const names = path.split("/").slice(1);
  if (!path.startsWith("/") || names.some((name) => ["", ".", ".."].includes(name))) {
    return [`path is "${path}", expected an absolute path without empty, . or .. parts`];
  }
  const isUnpacked = kind === "file" || kind === "symlink";
  const last = names.length - 1;
  const tooLong = names.flatMap((name, i) => {
    const most = i === last && isUnpacked ? MAX_NAME_BYTES - UNPACKING_BYTES : MAX_NAME_BYTES;
    const bytes = Buffer.byteLength(name);
    return bytes > most
      ? [`path "${path.slice(0, 80)}…" has a name of ${bytes} bytes, expected at most ${most}`]
      : [];
  });
  const [bytes, most] = [Buffer.byteLength(path), MAX_PATH_BYTES - UNPACKING_BYTES];
  return bytes > most
    ? [...tooLong, `path "${path.slice(0, 80)}…" has ${bytes} bytes, expected at most ${most}`]
    : tooLong;
}

function targetProblems(path: string, target: string): string[] {
  const bytes = Buffer.byteLength(target);
  return bytes > MAX_TARGET_BYTES
    ? [`${path}: target has ${bytes} bytes, expected at most ${MAX_TARGET_BYTES}`]
    : lineProblems(`${path}: target`, target);
}

function orderProblems(entries: readonly PlannedEntry[]): string[] {
  return entries.flatMap(({ path }, i) => {
    const previous = entries[i - 1];
    if (previous === undefined) return [];
    const order = Buffer.compare(Buffer.from(previous.path), Buffer.from(path));
    if (order === 0) return [`${path} appears twice`];
    return order > 0
      ? [`${path} comes after ${previous.path}, expected paths sorted bytewise`]
      : [];
  });
}

/** Paths below an entry that is not a folder; rpm would write through a link, or fail during the installation. */
function nestingProblems(entries: readonly PlannedEntry[]): string[] {
  const kinds = new Map(entries.map(({ path, kind }) => [path, kind]));
  return entries.flatMap(({ path }) => {
    const problems: string[] = [];
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const parent = path.slice(0, at);
      const kind = kinds.get(parent);
      if (kind === "directory" || kind === undefined) continue;
      problems.push(`${path} lies below ${parent}, which is a ${kind}`);
    }
    return problems;
  });
}

function sourceProblems(entry: PlannedEntry, plan: PackagePlan): string[] {
  if (entry.kind === "symlink") return targetProblems(entry.path, entry.target);
  if (entry.kind !== "file") return [];
  const { source } = entry;
  if (source.kind === "staged") {
    try {
      safeRelativePath(source.path, entry.path);
      return [];
    } catch (error) {
      if (error instanceof ApplianceError) return [error.message];
      throw error;
    }
  }
  if (source.kind !== "template") return [];
  return quotedPaths(source.text)
    .filter((quoted) => {
      const target = plan.entries.find(({ path }) => path === quoted);
      return target?.kind !== "file" || target.source.kind !== "staged";
    })
    .map(
      (quoted) =>
        `${entry.path}: template quotes ${quoted}, which is not a staged file of the package`,
    );
}

function attributeProblems({ path, kind, attributes = [] }: PlannedEntry): string[] {
  const isMeant = kind === "file" || kind === "ghost";
  return [
    ...(attributes.includes("noreplace") && !attributes.includes("config")
      ? [`${path}: noreplace without config`]
      : []),
    ...(kind === "directory" && attributes.length > 0
      ? [`${path}: a directory has no attributes, found ${attributes.join(", ")}`]
      : []),
    ...(!isMeant && attributes.includes("config") && kind !== "directory"
      ? [`${path}: a ${kind} cannot be a configuration file`]
      : []),
  ];
}

function entryProblems(entry: PlannedEntry, plan: PackagePlan): string[] {
  const { path, mode, mtimeSeconds } = entry;
  return [
    ...pathProblems(entry),
    ...(Number.isInteger(mode) && mode >= 0 && mode <= 0o7777
      ? []
      : [`${path}: mode is ${mode.toString(8)}, expected 0 to 7777`]),
    ...integerProblems(`${path}: mtime`, mtimeSeconds),
    ...(mtimeSeconds > plan.buildTimeSeconds
      ? [`${path}: mtime is ${mtimeSeconds}, expected no later than ${plan.buildTimeSeconds}`]
      : []),
    ...patternProblems(`${path}: user`, entry.user, account),
    ...patternProblems(`${path}: group`, entry.group, account),
    ...attributeProblems(entry),
    ...capabilityProblems(entry),
    ...sourceProblems(entry, plan),
  ];
}

/** Returns the problems of the file list. */
export function entriesProblems(plan: PackagePlan): string[] {
  const { entries } = plan;
  if (entries.length > MAX_ENTRIES) {
    return [`has ${countOf(entries.length, "entry")}, expected at most ${MAX_ENTRIES}`];
  }
  return [
    ...entries.flatMap((entry) => entryProblems(entry, plan)),
    ...orderProblems(entries),
    ...nestingProblems(entries),
    ...hardLinkProblems(entries),
  ];
}
