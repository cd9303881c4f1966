import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Problem } from "../appliance/index.ts";
import { fileError } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import {
  checkRecipe,
  parseKickstart,
  parseParameters,
  refuseRecipeErrors,
} from "../recipe/index.ts";
import type { Kickstart, Recipe, RecipeFile, RecipeProblem } from "../recipe/index.ts";
import { describeFiles } from "./describe.ts";
import { listDirectory } from "./list-directory.ts";
import { defaultSourceLimits } from "./model.ts";
import type { FoundFile } from "./model.ts";
import { checkRecipeDisks } from "./recipe-disks.ts";
import { readRecipeModule } from "./recipe-module.ts";
import { readRecipeText } from "./recipe-text.ts";
import { sortRecipeFiles } from "./recipe-files.ts";

/** How a recipe is opened. */
export interface OpenRecipeOptions {
  /** Stock kickstarts that it may include, by name. */
  readonly stock?: ReadonlyMap<string, Kickstart>;
  /** Whether Puppet itself is asked about the module, which takes seconds. */
  readonly runsPuppet?: boolean;
}

/** A recipe, and what is to be said about it. */
export interface OpenedRecipe {
  readonly recipe: Recipe;
  /** The folder that was given. */
  readonly origin: string;
  readonly descriptorText: string;
  /** Warnings: a recipe with errors is not opened. */
  readonly problems: readonly RecipeProblem[];
}

/** Tells whether a folder is a recipe: a Puppet module or a kickstart beside a descriptor, and no disk images. */
export async function isRecipeDirectory(origin: string): Promise<boolean> {
  const names = await readdir(origin).catch((): string[] => []);
  if (!names.some((name) => name.toLowerCase().endsWith(".xml"))) return false;
  const hasKickstart = names.some((name) => name.endsWith(".ks"));
  const hasModule = names.includes("puppet");
  const hasImage = names.some((name) => /\.(raw|img|qcow2?|vmdk|vdi)$/i.test(name));
  return (hasKickstart && hasModule) || ((hasKickstart || hasModule) && !hasImage);
}

async function toRecipeFile(name: string, found: FoundFile): Promise<RecipeFile> {
  const absolutePath = found.absolutePath ?? name;
  const { mode } = await stat(absolutePath).catch((error: unknown) => {
    throw fileError(error, absolutePath);
  });
  return { path: name, absolutePath, isExecutable: (mode & 0o100) !== 0 };
}

function withOrigin(problems: readonly Problem[], origin: string): readonly RecipeProblem[] {
  return problems.map((problem) => ({ ...problem, origin }));
}

/**
 * Opens a recipe: a folder with a descriptor, one kickstart, one Puppet module, and what else belongs to it. The folder
 * is used in place and never changed.
 *
 * @throws ApplianceError `RECIPE_INVALID` with every problem of every file; `SOURCE_NO_DESCRIPTOR`,
 *   `SOURCE_TWO_DESCRIPTORS`, `LIB_LIMIT_EXCEEDED`, `LIB_IO`, `LIB_INTERRUPTED`
 */
export async function openRecipe(
  origin: string,
  context: Context,
  options: OpenRecipeOptions = {},
): Promise<OpenedRecipe> {
  const listing = await listDirectory(origin, context, { limits: defaultSourceLimits });
  const described = describeFiles(listing.files, origin);
  const { appliance } = described;
  const descriptorName = path.basename(described.descriptor.path);
  const problems: RecipeProblem[] = [
    ...withOrigin(listing.problems, origin),
    ...withOrigin(described.problems, descriptorName),
  ];
  const report = (problem: RecipeProblem): void => {
    problems.push(problem);
  };
  const files = await Promise.all(
    [...described.files].map(([name, file]) => toRecipeFile(name, file)),
  );
  const sorted = sortRecipeFiles(files, appliance, report);
  if (appliance !== undefined) {
    checkRecipeDisks(appliance, { files, descriptor: descriptorName, report });
  }
  const module = await readRecipeModule(sorted.puppet, context, {
    runsPuppet: options.runsPuppet ?? false,
    report,
  });
  const { parametersFile, kickstartFile } = sorted;
  const parameters =
    parametersFile === undefined
      ? { parameters: [], problems: [] }
      : parseParameters(await readRecipeText(parametersFile, report), parametersFile.path);
  problems.push(...parameters.problems);
  if (kickstartFile === undefined || appliance === undefined) {
    refuseRecipeErrors(problems, origin);
    throw new TypeError("a recipe without kickstart or descriptor has an error");
  }
  const parsed = parseKickstart(await readRecipeText(kickstartFile, report), kickstartFile.path);
  problems.push(...parsed.problems);
  const rest = {
    appliance,
    kickstart: parsed.kickstart,
    kickstartFile,
    parameters: parameters.parameters,
    parametersFile,
    scripts: sorted.scripts,
    documentation: sorted.documentation,
  };
  problems.push(...checkRecipe(rest, options.stock ?? new Map()));
  const warnings = refuseRecipeErrors(problems, origin);
  if (module === undefined) throw new TypeError("a recipe without module has an error");
  return {
    recipe: { ...rest, module },
    origin,
    descriptorText: described.descriptorText,
    problems: warnings,
  };
}
