import path from "node:path";
import { fileURLToPath } from "node:url";
import { readPlainText } from "./plain-file.ts";

/**
 * Installation folder, with the program's own files: package.json, LICENSE, spec-templates/, repo/. It is two levels
 * above this module in every form of the program: src/lib/, dist/lib/, and the flat dist/bundle/. All other modules use
 * this constant to find those files.
 */
export const installationFolder: string = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Returns a text file of the installation.
 *
 * @param name  path relative to the installation folder: `spec-templates/scriptlets/post.sh`
 * @throws ApplianceError `LIB_IO`
 */
export async function readInstalled(name: string): Promise<string> {
  const file = path.join(installationFolder, name);
  return readPlainText(file);
}
