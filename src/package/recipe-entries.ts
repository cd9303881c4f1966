import path from "node:path";
import type { RecipeFile } from "../recipe/index.ts";
import type { PlannedEntry } from "./package-plan.ts";

/** Target folder and modification time of entries. */
interface At {
  /** Absolute. */
  readonly folder: string;
  readonly mtimeSeconds: number;
}

const owner = { user: "root", group: "root" };

/** Returns the folder and every folder below it that files need. */
export function planFolders(
  names: readonly string[],
  { folder, mtimeSeconds }: At,
): PlannedEntry[] {
  const folders = new Set<string>([folder]);
  for (const name of names) {
    for (let up = path.posix.dirname(name); up !== "."; up = path.posix.dirname(up)) {
      folders.add(`${folder}/${up}`);
    }
  }
  return [...folders].map((each) => ({
    kind: "directory",
    path: each,
    mode: 0o755,
    mtimeSeconds,
    ...owner,
  }));
}

/** Returns a file whose content is in the plan. */
export function planText(name: string, text: string, { folder, mtimeSeconds }: At): PlannedEntry {
  return {
    kind: "file",
    path: `${folder}/${name}`,
    mode: 0o644,
    mtimeSeconds,
    ...owner,
    source: { kind: "text", text },
  };
}

/** Returns a file of the recipe, under a name below the folder. */
export function planRecipeFile(
  file: RecipeFile,
  name: string,
  { folder, mtimeSeconds }: At,
): PlannedEntry {
  return {
    kind: "file",
    path: `${folder}/${name}`,
    mode: file.isExecutable ? 0o755 : 0o644,
    mtimeSeconds,
    ...owner,
    source: { kind: "staged", path: file.path },
  };
}

/** Returns entries in the order that a package wants. */
export function sortedByPath(entries: readonly PlannedEntry[]): readonly PlannedEntry[] {
  return [...entries].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}
