import path from "node:path";
import type { Context } from "../../src/lib/context.ts";

/** The built program, or the one that VIRT_APPLIANCE names. */
const PROGRAM: string =
  process.env["VIRT_APPLIANCE"] ?? path.join(import.meta.dirname, "../../dist/cli/main.js");

/** Runs `virt-appliance` as a user would, and answers the lines on its standard output. */
export async function virtAppliance(
  args: readonly string[],
  context: Context,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const options = signal === undefined ? {} : { signal };
  const { stdout } = await context.run(process.execPath, [PROGRAM, ...args], options);
  return stdout.split("\n").filter((line) => line !== "");
}
