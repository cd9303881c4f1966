import type { PlannedEntry } from "../../package/index.ts";

type PlannedFile = Extract<PlannedEntry, { readonly kind: "file" }>;

/** What the file system stores once for all names of a file. */
const shared = ["mode", "user", "group", "mtimeSeconds", "capabilities"] as const;

function linkProblems(entry: PlannedFile, target: PlannedEntry | undefined): string[] {
  if (entry.source.kind !== "hardlink") return [];
  const what = `${entry.path}: hard link to ${entry.source.path}`;
  if (target?.kind !== "file") return [`${what}, which is not a file of the package`];
  if (target.source.kind === "hardlink") {
    return [`${what}, which is a hard link itself: name the file that has the content`];
  }
  return shared
    .filter((field) => entry[field] !== target[field])
    .map((field) => `${what}, but its ${field} is ${entry[field]}, expected ${target[field]}`);
}

/** Returns the problems of the hard links of a file list. */
export function hardLinkProblems(entries: readonly PlannedEntry[]): string[] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  return entries.flatMap((entry) =>
    entry.kind === "file" && entry.source.kind === "hardlink"
      ? linkProblems(entry, byPath.get(entry.source.path))
      : [],
  );
}
