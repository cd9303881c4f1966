import { stat } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../../src/lib/context.ts";
import { buildHello } from "../hello/index.ts";
import type { Say } from "./tell.ts";
import { inMiB } from "./in-mib.ts";

/** Debian packages are kept here from one run to the next. */
export const CACHE: string = path.join(import.meta.dirname, "../../.cache/debian");

/** Tarballs of the example appliance. */
export interface Tarballs {
  /** Version 1.0, and 1.1. */
  readonly old: string;
  readonly new: string;
  /** Version 1.0 under another name, for a package that keeps its disks raw. */
  readonly raw: string;
}

/** Step 1: builds the appliance, and prints its apparent and its real size. */
export async function buildAppliances(
  outputFolder: string,
  context: Context,
  say: Say,
): Promise<Tarballs> {
  const build = async (name: string, version: string): Promise<string> => {
    const options = { name, version, outputFolder, cacheFolder: CACHE };
    const made = await buildHello(options, context);
    const disk = await stat(path.join(made.folder, "system.raw"));
    const { size } = await stat(made.tarball);
    say(
      `${path.basename(made.tarball)}: ${inMiB(size)}; its system disk looks like ${inMiB(disk.size)} and takes ${inMiB(disk.blocks * 512)}`,
    );
    return made.tarball;
  };
  return {
    old: await build("hello", "1.0"),
    new: await build("hello", "1.1"),
    raw: await build("hello-raw", "1.0"),
  };
}
