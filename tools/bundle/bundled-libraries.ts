import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** An npm package with code in the bundle. */
export interface BundledLibrary {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
}

/** A library with the texts of its licence. */
export interface LicensedLibrary extends BundledLibrary {
  /** Text of its licence file; undefined when it has none. */
  readonly licenseText: string | undefined;
  /** One-line notices in its files that bundlers must keep: those of code that it holds copies of. */
  readonly notices: readonly string[];
}

const LICENSE_FILE = /^(?:licen[cs]e|copying)(?:[.-]\w+)*$/i;
const NOTICE = /\/\*! *([^\n*]+?) *\*\//g;

/** Identifiers that npm still accepts and SPDX has renamed. */
const renamed: Readonly<Record<string, string>> = {
  "LGPL-3.0+": "LGPL-3.0-or-later",
  "LGPL-3.0": "LGPL-3.0-only",
};

/** Returns the folder of the package that a file of node_modules belongs to; undefined for files of this project. */
function packageFolder(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

function field(manifest: object, name: string): string {
  const value: unknown = Object.entries(manifest).find(([key]) => key === name)?.[1];
  if (typeof value !== "string") throw new TypeError(`package.json: no ${name}`);
  return value;
}

async function readLibrary(folder: string, files: readonly string[]): Promise<LicensedLibrary> {
  const manifest: unknown = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  if (typeof manifest !== "object" || manifest === null) throw new TypeError(folder);
  const license = field(manifest, "license");
  const file = (await readdir(folder)).sort().find((name) => LICENSE_FILE.test(name));
  const notices = new Set<string>();
  for (const one of files) {
    const text = await readFile(one, "utf8");
    for (const [, notice] of text.matchAll(NOTICE)) if (notice !== undefined) notices.add(notice);
  }
  return {
    name: field(manifest, "name"),
    version: field(manifest, "version"),
    license: renamed[license] ?? license,
    licenseText: file === undefined ? undefined : await readFile(path.join(folder, file), "utf8"),
    notices: [...notices].sort(),
  };
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * Returns the libraries that files of a bundle came from, by name and version, each once however often it is installed.
 *
 * @param inputs  paths relative to `root`, as the bundler names them
 */
export async function findLibraries(
  root: string,
  inputs: readonly string[],
): Promise<readonly LicensedLibrary[]> {
  const byFolder = new Map<string, string[]>();
  for (const input of inputs) {
    const folder = packageFolder(input);
    if (folder === undefined) continue;
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), path.join(root, input)]);
  }
  const found = new Map<string, LicensedLibrary>();
  for (const [folder, files] of byFolder) {
    const library = await readLibrary(path.join(root, folder), files);
    found.set(`${library.name} ${library.version}`, library);
  }
  return [...found.entries()].sort(([a], [b]) => compare(a, b)).map(([, library]) => library);
}
