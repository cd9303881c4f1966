import { lstat, stat } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { digestFile } from "../lib/bytes/digest.ts";
import { readPlainText } from "../lib/plain-file.ts";

/**
 * Refuses to overwrite a file, because it may be the only copy of its content. A missing file is accepted, and so is a
 * file that already has the new content.
 *
 * @param content  the content to write, if it is known
 * @throws ApplianceError `CLI_FILE_EXISTS`
 */
export async function refuseExisting(file: string, content?: string): Promise<void> {
  const stats = await lstat(file).catch(() => undefined);
  if (stats === undefined) return;
  const present = content === undefined ? undefined : await readPlainText(file).catch(() => "");
  if (present !== undefined && present === content) return;
  throw new ApplianceError("CLI_FILE_EXISTS", `${file}: already exists`, {
    hint: "remove it, or choose another file",
  });
}

/**
 * Refuses to overwrite a file with different content. A missing file is accepted, and so is a file with the same bytes.
 * A folder is accepted too; the code that writes the result handles it.
 *
 * @param made  the complete result, next to its destination
 * @throws ApplianceError `CLI_FILE_EXISTS`
 */
export async function refuseOther(file: string, made: string, signal: AbortSignal): Promise<void> {
  const present = await lstat(file).catch(() => undefined);
  if (present === undefined || present.isDirectory()) return;
  const [old, fresh] = [await stat(file).catch(() => present), await stat(made)];
  const isSame =
    old.isFile() &&
    old.size === fresh.size &&
    (await digestFile(file, { signal })) === (await digestFile(made, { signal }));
  if (isSame) return;
  throw new ApplianceError("CLI_FILE_EXISTS", `${file}: already exists with different content`, {
    hint: "remove it, choose another file, or replace it with --force",
  });
}
