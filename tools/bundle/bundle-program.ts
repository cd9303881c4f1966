import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { type BundledLibrary, findLibraries } from "./bundled-libraries.ts";
import { renderLicenses } from "./render-licenses.ts";

const ROOT = path.join(import.meta.dirname, "../..");

/** Libraries written as CommonJS ask for Node's own modules by `require`, which ES modules do not have. */
const REQUIRE = `import{createRequire as makeRequire}from"node:module";const require=makeRequire(import.meta.url);`;

/**
 * Makes the program that the package virt-appliance holds: main.js, the modules of the commands, which it loads when
 * they are needed, and what these share. No file is in a folder below, because the program looks for its data files
 * two levels above each (src/lib/installation.ts). Names and whitespace are kept, so that the installed code can
 * be read and a stack trace names the place. Beside them are libraries.json, a list of {@link BundledLibrary}, and
 * THIRD-PARTY.txt.
 *
 * The same sources give the same bytes in any folder.
 *
 * @param folder  replaced
 * @param options.sourceMaps  whether the files say which line of src/ each of their lines comes from, for coverage
 */
export async function bundleProgram(
  folder: string,
  options: { readonly sourceMaps?: boolean } = {},
): Promise<void> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ["src/cli/main.ts"],
    outdir: folder,
    entryNames: "[name]",
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    banner: { js: REQUIRE },
    legalComments: "inline",
    metafile: true,
    sourcemap: options.sourceMaps === true ? "inline" : false,
    write: false,
    logLevel: "warning",
  });
  const libraries = await findLibraries(ROOT, Object.keys(result.metafile.inputs));
  const list: readonly BundledLibrary[] = libraries.map(({ name, version, license }) => ({
    name,
    version,
    license,
  }));
  const gpl = await readFile(path.join(import.meta.dirname, "GPL-3.0.txt"), "utf8");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // The launcher starts it, with the node that it has checked.
  for (const file of result.outputFiles) {
    await writeFile(file.path, file.text.replace(/^#!.*\n/, ""));
  }
  await writeFile(path.join(folder, "libraries.json"), `${JSON.stringify(list, undefined, 2)}\n`);
  await writeFile(path.join(folder, "THIRD-PARTY.txt"), renderLicenses(libraries, gpl));
}
