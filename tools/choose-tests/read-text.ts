import { readFileSync } from "node:fs";
import path from "node:path";
import type { ReadText } from "./follow-imports.ts";

/** Root of the repository. */
export const ROOT: string = path.join(import.meta.dirname, "../..");

/** Reads files of the repository, each once. */
export function makeReadText(): ReadText {
  const known = new Map<string, string | undefined>();
  return (file) => {
    if (!known.has(file)) known.set(file, readIfThere(file));
    return known.get(file);
  };
}

function readIfThere(file: string): string | undefined {
  if (file.startsWith("..")) return undefined;
  try {
    return readFileSync(path.join(ROOT, file), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "EISDIR" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
