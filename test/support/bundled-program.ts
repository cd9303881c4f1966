import { cp, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { bundleProgram } from "../../tools/bundle/bundle-program.ts";
import { testContext } from "./context.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const { run } = testContext();

/** The program as users get it, bundled afresh and away from its source tree. */
export interface BundledProgram extends AsyncDisposable {
  /** A folder of the test's own; the program is in it. */
  readonly folder: string;
  /** Path of main.js. */
  readonly main: string;
  /** Runs it with node, and returns its standard output. */
  run(...args: string[]): Promise<string>;
}

/** Bundles the program into a temporary folder, together with what it reads of its own. */
export function openBundledProgram(): Promise<BundledProgram> {
  return openProgram({ sourceMaps: false });
}

/**
 * The same for tests of what the program does as a process, in place of the sources, whose loader needs a second to
 * start: when coverage is measured, these runs count for src/.
 */
export function openMeasuredProgram(): Promise<BundledProgram> {
  return openProgram({ sourceMaps: process.env["NODE_V8_COVERAGE"] !== undefined });
}

async function openProgram(options: { readonly sourceMaps: boolean }): Promise<BundledProgram> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "bundled-program-"));
  const installation = path.join(folder, "installation");
  const main = path.join(installation, "dist/bundle/main.js");
  for (const name of ["LICENSE", "package.json", "repo", "spec-templates"]) {
    await cp(path.join(ROOT, name), path.join(installation, name), { recursive: true });
  }
  await bundleProgram(path.dirname(main), options);
  return {
    folder,
    main,
    run: async (...args) => (await run(process.execPath, [main, ...args])).stdout,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
