import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { transform } from "esbuild";
import { followImports, makeLoads, type ReadText } from "./follow-imports.ts";
import { ROOT } from "./read-text.ts";
import { isUnitTest } from "./tracked-files.ts";

/** Files that the program or a test reads at run time; no import names them. */
const DATA_FOLDERS = [
  "spec-templates",
  "repo",
  "examples",
  "tools",
  "test/support",
  "test/fixtures",
];
const DATA_FILES = [
  "LICENSE",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.build.json",
];

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Returns the files among these that every chapter depends on. */
export function dataFiles(tracked: readonly string[]): readonly string[] {
  return tracked.filter((file) => {
    if (DATA_FILES.includes(file)) return true;
    if (/\.ts$|^examples\/.*\.md$/.test(file)) return false;
    return DATA_FOLDERS.some((folder) => file.startsWith(`${folder}/`));
  });
}

/** A chapter that names it runs all unit tests, and loads what these load. */
const UNITS = "test/support/mocharc-unit.json";

/** Returns the digest of what a TypeScript file does: its types, comments and layout do not count. */
export async function digestCode(text: string): Promise<string> {
  const { code } = await transform(text, {
    loader: "ts",
    minifyWhitespace: true,
    legalComments: "none",
  });
  return sha256(code);
}

/**
 * Makes a function that returns the digest of everything that a chapter exercises: the files that it loads, the
 * program's files when it starts the program, and the data files.
 *
 * @param tracked  files that git tracks
 */
export function makeDigestInputs(
  tracked: readonly string[],
  read: ReadText,
): (file: string) => Promise<string> {
  const loads = makeLoads(read);
  const known = new Map<string, Promise<string>>();
  const digestFile = (file: string): Promise<string> => {
    const text = file.endsWith(".ts") ? read(file) : undefined;
    const digest =
      known.get(file) ??
      (text === undefined ? readFile(path.join(ROOT, file)).then(sha256) : digestCode(text));
    known.set(file, digest);
    return digest;
  };
  return async (file) => {
    const runsUnits = read(file)?.includes(UNITS) === true;
    const first = [file, ...(runsUnits ? tracked.filter(isUnitTest) : [])];
    const loaded = first.flatMap((each) => followImports(each, loads));
    const inputs = [...new Set([...loaded, ...dataFiles(tracked)])].sort();
    const lines = inputs.map(async (input) => `${await digestFile(input)}  ${input}\n`);
    return sha256((await Promise.all(lines)).join(""));
  };
}
