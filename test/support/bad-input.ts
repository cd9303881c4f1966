import { writeFile } from "node:fs/promises";
import { descriptorOf, noise, runTool, writeAppliance } from "../fixtures/appliance-folder.ts";
import type { Refusal, RunOptions, Sandbox } from "./sandbox.ts";

/** One kind of bad input, and what the program says to it. */
export interface BadInput extends Refusal, RunOptions {
  /** Puts it into the working folder. */
  readonly prepare?: (sandbox: Sandbox) => Promise<unknown>;
  readonly args: readonly string[];
}

/** Bad inputs by what is wrong with them. */
export type BadInputs = Readonly<Record<string, BadInput>>;

/** Writes a sound appliance folder `web` of one raw disk. */
export async function writeWeb(sandbox: Sandbox, diskBytes = 204_800): Promise<void> {
  await writeAppliance(sandbox.path("web"), descriptorOf([{ file: "disk.raw" }]), {
    "disk.raw": noise(diskBytes),
  });
}

/** Packs the folder `web` as tar does, compressed by a program or not, and returns the archive's bytes. */
export async function tarOfWeb(sandbox: Sandbox, compressor?: string): Promise<Buffer> {
  const archive = await runTool("tar", "-C", sandbox.path(), "-cf", "-", "web");
  if (compressor === undefined) return archive;
  const file = sandbox.path("to-compress");
  await writeFile(file, archive);
  try {
    return await runTool(compressor, "-c", file);
  } finally {
    await runTool("rm", "-f", file);
  }
}
