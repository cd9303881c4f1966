import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { fileError } from "../lib/atomic.ts";

/** Folder of the texts that go into packages, beside src/ and dist/ alike. */
export const templatesFolder: string = fileURLToPath(
  new URL("../../spec-templates/", import.meta.url),
);

/** Answers a text from spec-templates: `scriptlets/post.sh`. */
export async function readTemplate(name: string): Promise<string> {
  const file = `${templatesFolder}${name}`;
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw fileError(error, file);
  }
}
