import path from "node:path";
import { build } from "esbuild";
import { lastingFolder } from "./temporary.ts";

/** Libraries written as CommonJS ask for Node's own modules by `require`, which ES modules do not have. */
const REQUIRE = `import{createRequire as makeRequire}from"node:module";const require=makeRequire(import.meta.url);`;

let lasting: Promise<string> | undefined;
const bundles = new Map<string, Promise<string>>();

async function bundle(file: string): Promise<string> {
  lasting ??= lastingFolder();
  const outfile = path.join(await lasting, `${path.basename(file, ".ts")}.mjs`);
  await build({
    entryPoints: [file],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    banner: { js: REQUIRE },
    sourcemap: process.env["NODE_V8_COVERAGE"] === undefined ? false : "inline",
    logLevel: "warning",
  });
  return outfile;
}

/**
 * Bundles a child program of a test into one file of JavaScript, once for each process that runs tests: it then starts
 * in a tenth of the time that the loader of TypeScript takes. The program must not look for files beside its source.
 *
 * @returns path of the bundle
 */
export function bundledChild(file: string): Promise<string> {
  const made = bundles.get(file) ?? bundle(file);
  bundles.set(file, made);
  return made;
}
