import { ApplianceError } from "../../errors.ts";
import { formatSize } from "../../lib/format-size.ts";
import { readPlainFile } from "../../lib/plain-file.ts";
import type { RecipeFile, RecipeProblem } from "../../recipe/index.ts";

/** Largest text of a recipe that is read. */
const MAX_TEXT_BYTES = 1_048_576;

/** Reads a text of a recipe. A text that is too large or not UTF-8 is a problem, and is returned as empty. */
export async function readRecipeText(
  file: RecipeFile,
  report: (problem: RecipeProblem) => void,
): Promise<string> {
  const refuse = (code: string, message: string): string => {
    report({ severity: "error", code, message, line: undefined, origin: file.path });
    return "";
  };
  const bytes = await readPlainFile(file.absolutePath, {
    maxBytes: MAX_TEXT_BYTES,
    isResolved: true,
  }).catch((error: unknown) => {
    if (error instanceof ApplianceError && error.code === "LIB_LIMIT_EXCEEDED") return undefined;
    throw error;
  });
  if (bytes === undefined) {
    return refuse("too-large", `larger than ${formatSize(MAX_TEXT_BYTES)}`);
  }
  const text = bytes.toString("utf8");
  return text.includes("\ufffd") ? refuse("not-text", "not UTF-8") : text;
}
