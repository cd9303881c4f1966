import path from "node:path";

/** Returns the text of a file of the repository, by its path from the root; undefined when there is none. */
export type ReadText = (file: string) => string | undefined;

const IMPORT = /^\s*(?:import|export)\s+(?:[^"';]*?\sfrom\s+)?"([^"]+)"|import\("([^"]+)"\)/gm;
/** Types do not exist at run time. */
const TYPE_IMPORT = /^\s*(?:import|export)\s+type\s[^"';]*?"[^"]+"/gm;
const QUOTED_FILE = /["'`]([^"'`\s]+\.(?:ts|sh|py|php|cjs))["'`]/g;
/** A path may begin with the place where a simulated host sees the repository. */
const PATH_FROM_ROOT = /(?:src|test|tools|examples|bench)\/[\w./-]+\.(?:ts|sh|py|php|cjs)/g;
const BUILT_PROGRAM = /\bdist\b/;
const PROGRAM = "src/cli/main.ts";

/**
 * Returns the files that a TypeScript file loads: what it imports, and, of a file outside src/, what it starts: each
 * file that a string names from the file's own folder or from the root, and the program when it names dist.
 */
export function filesLoadedBy(file: string, text: string): readonly string[] {
  const folder = path.posix.dirname(file);
  const values = text.replaceAll(TYPE_IMPORT, "");
  const found = new Set<string>();
  for (const match of values.matchAll(IMPORT)) {
    const specifier = match[1] ?? match[2] ?? "";
    if (specifier.startsWith(".")) found.add(path.posix.join(folder, specifier));
  }
  if (file.startsWith("src/")) return [...found];
  for (const [, name = ""] of values.matchAll(QUOTED_FILE)) {
    found.add(path.posix.join(folder, name));
    found.add(path.posix.normalize(name));
  }
  for (const [name] of values.matchAll(PATH_FROM_ROOT)) found.add(name);
  if (BUILT_PROGRAM.test(values)) found.add(PROGRAM);
  return [...found];
}

/** Returns the files that a file loads; undefined when there is no such file. */
export type Loads = (file: string) => readonly string[] | undefined;

/** Makes a {@link Loads} that looks at each file once. */
export function makeLoads(read: ReadText): Loads {
  const known = new Map<string, readonly string[] | undefined>();
  const look = (file: string): readonly string[] | undefined => {
    const text = read(file);
    if (text === undefined) return undefined;
    return file.endsWith(".ts") ? filesLoadedBy(file, text) : [];
  };
  return (file) => {
    if (!known.has(file)) known.set(file, look(file));
    return known.get(file);
  };
}

/** Returns a file and all files that it loads, directly or through others, sorted. */
export function followImports(first: string, loads: Loads): readonly string[] {
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    const loaded = loads(file);
    if (loaded === undefined) return;
    seen.add(file);
    loaded.forEach(follow);
  };
  follow(first);
  return [...seen].sort();
}
