import { cp } from "node:fs/promises";
import path from "node:path";
import { bundleProgram } from "../../tools/bundle/bundle-program.ts";
import { testContext } from "./context.ts";
import { lastingFolder, openFolder } from "./temporary.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const BUNDLE = "dist/bundle/main.js";
/** Where a simulated host sees the program. */
const IN_HOST = "/srv/virt-appliance-program";
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

/** Bundles the program into a temporary folder, together with its data files. */
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

let lasting: Promise<string> | undefined;

/** Returns the path of main.js of a bundled program that all test files of this process share. */
export function lastingProgram(): Promise<string> {
  return (lasting ??= lastingFolder().then((folder) => install(folder, { sourceMaps: false })));
}

/** The program for simulated hosts. */
export interface ProgramInHost {
  /** What a host has to share: the folder by the path where the host sees it. */
  readonly shares: Readonly<Record<string, string>>;
  /** The words that run it there. */
  readonly words: readonly string[];
}

/** Returns the program for simulated hosts: the one that {@link lastingProgram} bundles. */
export async function programInHost(): Promise<ProgramInHost> {
  const installation = path.resolve(await lastingProgram(), "../../..");
  return {
    shares: { [IN_HOST]: installation },
    words: [process.execPath, `${IN_HOST}/${BUNDLE}`],
  };
}

/** Bundles the program into a folder, and returns the path of its main.js. */
async function install(
  installation: string,
  options: { readonly sourceMaps: boolean },
): Promise<string> {
  const main = path.join(installation, BUNDLE);
  for (const name of ["LICENSE", "package.json", "repo", "spec-templates"]) {
    await cp(path.join(ROOT, name), path.join(installation, name), { recursive: true });
  }
  await bundleProgram(path.dirname(main), options);
  return main;
}

async function openProgram(options: { readonly sourceMaps: boolean }): Promise<BundledProgram> {
  const temporary = await openFolder();
  const folder = temporary.path;
  const main = await install(path.join(folder, "installation"), options);
  return {
    folder,
    main,
    run: async (...args) => (await run(process.execPath, [main, ...args])).stdout,
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}
