import { stat } from "node:fs/promises";
import path from "node:path";
import { writeAtomically } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";

/**
 * Copies a file by reflink if the file system supports it, otherwise sparsely, with runs of zeros as holes. The target
 * appears complete or not at all.
 *
 * @returns length of the copy in bytes
 * @throws ApplianceError `LIB_EXEC_FAILED` with the message of cp; `LIB_INTERRUPTED`
 */
export async function copySparse(
  options: { readonly from: string; readonly to: string },
  context: Context,
): Promise<number> {
  return writeAtomically(options.to, async (_handle, temporary) => {
    await context.run("cp", [
      "--sparse=always",
      "--reflink=auto",
      path.resolve(options.from),
      path.resolve(temporary),
    ]);
    return (await stat(temporary)).size;
  });
}
