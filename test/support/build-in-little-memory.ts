import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { PackagePlan } from "../../src/package/index.ts";
import { bundledChild } from "./bundled-child.ts";
import { testContext } from "./context.ts";
import { newFolderIn } from "./temporary.ts";

const CHILD = fileURLToPath(new URL("../rpm/build-in-child.ts", import.meta.url));
const MOST_KIB = 200 * 1024;

/**
 * Builds a plan with the native engine in its own process, which may not use 200 MiB of memory.
 *
 * @param folder  has the staged files
 * @returns the path of the package, in a new folder there
 */
export async function buildInLittleMemory(folder: string, plan: PackagePlan): Promise<string> {
  const output = await newFolderIn(folder);
  const planFile = path.join(output, "plan.json");
  await writeFile(planFile, JSON.stringify(plan));
  const args = [await bundledChild(CHILD), folder, output, planFile];
  const { stdout } = await testContext().run(process.execPath, args);
  assert.ok(Number(stdout) < MOST_KIB, `${stdout.trim()} KiB`);
  return path.join(output, `${plan.name}-${plan.version}-${plan.release}.${plan.arch}.rpm`);
}
