import path from "node:path";
import { fileURLToPath } from "node:url";
import { readPlainText } from "./plain-file.ts";

/**
 * Folder that holds all that the program reads of its own: package.json, LICENSE, spec-templates/, repo/. It is two
 * levels above a module in each form that the program comes in: src/lib/, dist/lib/, and dist/bundle/, whose files have
 * no folders among themselves. No other module looks for where it is.
 */
export const installationFolder: string = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Returns a text that the program came with.
 *
 * @param name  path below the installation: `spec-templates/scriptlets/post.sh`
 * @throws ApplianceError `LIB_IO`
 */
export async function readInstalled(name: string): Promise<string> {
  const file = path.join(installationFolder, name);
  return readPlainText(file);
}
