import path from "node:path";
import { followImports, makeLoads, type ReadText } from "./follow-imports.ts";

/** What a change touches. */
export interface TouchedTests {
  readonly tests: readonly string[];
  /** Changed files that no test loads or names. */
  readonly untested: readonly string[];
}

/** The names by which a text may refer to a file: its path, its base name, and each folder but the topmost. */
function namesOf(file: string): readonly string[] {
  const parts = file.split("/");
  const folders = parts.slice(2).map((_, index) => parts.slice(0, index + 2).join("/"));
  return [file, path.posix.basename(file), ...folders];
}

/** True if a text has one of these names in quotes, or as the end of a longer path in quotes. */
function speaksOf(text: string, names: readonly string[]): boolean {
  return names.some((name) => ['"', "'", "`"].some((quote) => text.includes(`${name}${quote}`)));
}

/**
 * Returns the tests that a change touches: those that load a changed TypeScript file, and those that load a file which
 * names another changed file.
 *
 * @param changed  paths from the root
 * @param tests    paths of all tests
 */
export function touchedTests(
  changed: readonly string[],
  tests: readonly string[],
  read: ReadText,
): TouchedTests {
  const loads = makeLoads(read);
  const loaded = new Map(tests.map((test) => [test, followImports(test, loads)] as const));
  const modules = [...new Set([...loaded.values()].flat())];
  const touched = new Set<string>();
  const untested: string[] = [];
  for (const file of changed) {
    const names = namesOf(file);
    const touchedModules = file.endsWith(".ts")
      ? new Set([file])
      : new Set(modules.filter((module) => speaksOf(read(module) ?? "", names)));
    const found = tests.filter((test) => loaded.get(test)?.some((one) => touchedModules.has(one)));
    found.forEach((test) => touched.add(test));
    if (found.length === 0) untested.push(file);
  }
  return { tests: [...touched].sort(), untested };
}
