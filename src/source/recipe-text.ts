import { readFile } from "node:fs/promises";
import { fileError } from "../lib/atomic.ts";
import type { RecipeFile, RecipeProblem } from "../recipe/index.ts";

/** Largest text of a recipe that is read. */
const MAX_TEXT_BYTES = 1_048_576;

/** Reads a text of a recipe; one that is too large or no UTF-8 is a problem and reads as empty. */
export async function readRecipeText(
  file: RecipeFile,
  report: (problem: RecipeProblem) => void,
): Promise<string> {
  const bytes = await readFile(file.absolutePath).catch((error: unknown) => {
    throw fileError(error, file.absolutePath);
  });
  const refuse = (code: string, message: string): string => {
    report({ severity: "error", code, message, line: undefined, origin: file.path });
    return "";
  };
  if (bytes.length > MAX_TEXT_BYTES) {
    return refuse("too-large", `${bytes.length} bytes, expected at most ${MAX_TEXT_BYTES}`);
  }
  const text = bytes.toString("utf8");
  return text.includes("\ufffd") ? refuse("not-text", "not UTF-8") : text;
}
