import path from "node:path";
import type { Appliance } from "../../appliance/index.ts";
import type { RecipeFile, RecipeProblem } from "../../recipe/index.ts";
import { isDocumentation } from "../check-files.ts";

/** The files of a recipe by kind. */
export interface SortedRecipeFiles {
  readonly kickstartFile: RecipeFile | undefined;
  readonly parametersFile: RecipeFile | undefined;
  /** Everything below `puppet/`. */
  readonly puppet: readonly RecipeFile[];
  readonly scripts: readonly RecipeFile[];
  readonly documentation: readonly RecipeFile[];
}

/** Characters of a path in a package: no spaces, and no characters that are special in a shell or a URL. */
const PLAIN_PATH = /^[A-Za-z0-9._+@~-]+(\/[A-Za-z0-9._+@~-]+)*$/;

/** Files of an installed recipe besides those of its source. */
const OURS = "recipe.json";

/** Maximum number of unexpected files that are listed. */
const MOST_NAMED = 20;

function isHidden(file: RecipeFile): boolean {
  return path.basename(file.path).startsWith(".");
}

/** Sorts the files of a recipe, and reports missing, duplicate and unknown ones. */
export function sortRecipeFiles(
  files: readonly RecipeFile[],
  appliance: Appliance | undefined,
  report: (problem: RecipeProblem) => void,
): SortedRecipeFiles {
  const problem = (
    severity: RecipeProblem["severity"],
    code: string,
    message: string,
    origin = "recipe",
  ): void => {
    report({ severity, code, message, line: undefined, origin });
  };
  const below = (folder: string): RecipeFile[] =>
    files.filter((file) => file.path.startsWith(`${folder}/`) && !isHidden(file));
  const kickstarts = files.filter(({ path: name }) => /^[^/]+\.ks$/.test(name));
  if (kickstarts.length !== 1) {
    const found = kickstarts.map(({ path: name }) => name).join(", ") || "none";
    problem("error", "kickstart-count", `expected exactly one kickstart (*.ks), found ${found}`);
  }
  const sorted = {
    kickstartFile: kickstarts[0],
    parametersFile: files.find(({ path: name }) => name === "parameters.yaml"),
    puppet: below("puppet"),
    scripts: below("scripts"),
    documentation: files.filter(({ path: name }) => isDocumentation(name) && !name.includes("/")),
  };
  const shipped = [
    ...sorted.puppet,
    ...sorted.scripts,
    ...sorted.documentation,
    ...(sorted.parametersFile === undefined ? [] : [sorted.parametersFile]),
    ...kickstarts,
  ];
  for (const file of shipped) {
    if (!PLAIN_PATH.test(file.path)) {
      const message = "name has characters other than letters, digits and . _ + @ ~ -";
      problem("error", "path-not-portable", message, file.path);
    }
  }
  const images = new Set(appliance?.disks.map(({ file }) => file));
  const known = new Set(shipped);
  const extra = files.filter(
    (file) => !known.has(file) && !isHidden(file) && file.path !== OURS && !images.has(file.path),
  );
  for (const { path: name } of extra.slice(0, MOST_NAMED)) {
    problem("warning", "file-unexpected", "is not part of a recipe; it is ignored", name);
  }
  if (extra.length > MOST_NAMED) {
    const message = `${extra.length - MOST_NAMED} more files are not part of a recipe`;
    problem("warning", "file-unexpected", message);
  }
  return sorted;
}
