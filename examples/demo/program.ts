import path from "node:path";
import type { Context } from "../../src/lib/context.ts";

/** The built program, or the one that VIRT_APPLIANCE names. */
const PROGRAM: string =
  process.env["VIRT_APPLIANCE"] ?? path.join(import.meta.dirname, "../../dist/cli/main.js");

/** Runs `virt-appliance` as a user would, and returns the lines on its standard output. */
export type VirtAppliance = (
  args: readonly string[],
  options?: { readonly signal: AbortSignal },
) => Promise<readonly string[]>;

/**
 * Makes a {@link VirtAppliance}.
 *
 * @param home  folder for what belongs to a user: the keys
 */
export function openProgram(home: string, context: Context): VirtAppliance {
  return async (args, options) => {
    const { stdout } = await context.run(process.execPath, [PROGRAM, ...args], {
      env: { XDG_DATA_HOME: home },
      ...options,
    });
    return stdout.split("\n").filter((line) => line !== "");
  };
}
