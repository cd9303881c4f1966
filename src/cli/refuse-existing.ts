import { lstat, readFile } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";

/**
 * Returns when a file that the user named for a result is free, or holds the same already: what it holds else may be
 * the only copy.
 *
 * @param content  what will be written, where that is known
 * @throws ApplianceError `CLI_FILE_EXISTS`
 */
export async function refuseExisting(file: string, content?: string): Promise<void> {
  const stats = await lstat(file).catch(() => undefined);
  if (stats === undefined) return;
  const present = content === undefined ? undefined : await readFile(file, "utf8").catch(() => "");
  if (present !== undefined && present === content) return;
  throw new ApplianceError("CLI_FILE_EXISTS", `${file}: is there already`, {
    hint: "remove it, or name another file",
  });
}
