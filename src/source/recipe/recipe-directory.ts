import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { type Appliance, isHardDiskName, type Problem } from "../../appliance/index.ts";
import { fileError } from "../../lib/atomic.ts";
import type { Context } from "../../lib/context.ts";
import {
  checkRecipe,
  type Kickstart,
  parseKickstart,
  parseParameters,
  type Recipe,
  type RecipeFile,
  type RecipeProblem,
  refuseRecipeErrors,
} from "../../recipe/index.ts";
import { describeFiles } from "../describe.ts";
import { listDirectory } from "../list-directory.ts";
import { defaultSourceLimits, type FoundFile } from "../model.ts";
import { checkRecipeDisks } from "./recipe-disks.ts";
import { readRecipeModule } from "./recipe-module.ts";
import { readRecipeText } from "./recipe-text.ts";
import { sortRecipeFiles } from "./recipe-files.ts";

/** Options for opening a recipe. */
export interface OpenRecipeOptions {
  /** Stock kickstarts that the recipe may include, by name. */
  readonly stock?: ReadonlyMap<string, Kickstart> | undefined;
  /** Name in messages. Default: its folder. */
  readonly name?: string | undefined;
  /** True if Puppet checks the module, which takes seconds. */
  readonly runsPuppet?: boolean;
}

/** A recipe and its warnings. */
export interface OpenedRecipe {
  readonly recipe: Recipe;
  /** Name in messages. */
  readonly origin: string;
  readonly descriptorText: string;
  /** Warnings; a recipe with errors cannot be opened. */
  readonly problems: readonly RecipeProblem[];
}

/** The parts of a recipe that exist and can be read. */
export type RecipeParts = {
  readonly [Part in keyof Recipe]: Recipe[Part] | (Part extends OptionalPart ? undefined : never);
};

type OptionalPart = "appliance" | "kickstart" | "kickstartFile" | "module";

/** A recipe that was inspected, with any problems. */
export interface ReadRecipe {
  /** Name in messages. */
  readonly origin: string;
  readonly descriptor: string;
  readonly descriptorText: string;
  /** Files except the descriptor. */
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
  /** Errors and warnings. */
  readonly problems: readonly RecipeProblem[];
  /** The readable part of the descriptor, even with errors; for display. */
  readonly understood: Appliance | undefined;
  readonly parts: RecipeParts;
}

/** Returns whether the names in a folder are those of a recipe: a Puppet module or a kickstart, and no disk images. */
export function isRecipeListing(names: readonly string[]): boolean {
  if (!names.some((name) => name.toLowerCase().endsWith(".xml"))) return false;
  const hasKickstart = names.some((name) => name.endsWith(".ks"));
  const hasModule = names.includes("puppet");
  const hasImage = names.some(isHardDiskName);
  return (hasKickstart && hasModule) || ((hasKickstart || hasModule) && !hasImage);
}

/** Returns whether a folder is a recipe. */
export async function isRecipeDirectory(origin: string): Promise<boolean> {
  return isRecipeListing(await readdir(origin).catch((): string[] => []));
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

async function parseKickstartFile(
  file: RecipeFile,
  report: (problem: RecipeProblem) => void,
): Promise<ReturnType<typeof parseKickstart>> {
  return parseKickstart(await readRecipeText(file, report), file.path);
}

/**
 * Reads the folder of a recipe, and returns its content and every problem. The folder is used in place and never
 * changed.
 *
 * @throws ApplianceError `SOURCE_NO_DESCRIPTOR`, `SOURCE_TWO_DESCRIPTORS`, `LIB_LIMIT_EXCEEDED`, `LIB_IO`,
 *   `LIB_INTERRUPTED`
 */
export async function readRecipe(
  folder: string,
  context: Context,
  options: OpenRecipeOptions = {},
): Promise<ReadRecipe> {
  const origin = options.name ?? folder;
  const listing = await listDirectory(folder, context, { limits: defaultSourceLimits });
  const described = describeFiles(listing.files, origin);
  const { appliance } = described;
  const descriptor = path.basename(described.descriptor.path);
  const problems: RecipeProblem[] = [
    ...withOrigin(listing.problems, origin),
    ...withOrigin(described.problems, descriptor),
  ];
  const report = (problem: RecipeProblem): void => {
    problems.push(problem);
  };
  const files = await Promise.all(
    [...described.files].map(([name, file]) => toRecipeFile(name, file)),
  );
  const sorted = sortRecipeFiles(files, appliance, report);
  if (appliance !== undefined) checkRecipeDisks(appliance, { files, descriptor, report });
  const module = await readRecipeModule(sorted.puppet, context, {
    runsPuppet: options.runsPuppet ?? false,
    report,
  });
  const { parametersFile, kickstartFile, scripts, documentation } = sorted;
  const parameters =
    parametersFile === undefined
      ? { parameters: [], problems: [] }
      : parseParameters(await readRecipeText(parametersFile, report), parametersFile.path);
  problems.push(...parameters.problems);
  const parsed = kickstartFile && (await parseKickstartFile(kickstartFile, report));
  problems.push(...(parsed?.problems ?? []));
  const kickstart = parsed?.kickstart;
  if (appliance !== undefined && kickstart !== undefined) {
    const texts = { appliance, kickstart, parameters: parameters.parameters };
    problems.push(...checkRecipe(texts, options.stock ?? new Map()));
  }
  return {
    origin,
    descriptor,
    descriptorText: described.descriptorText,
    files: [...described.files].map(([name, { sizeBytes }]) => ({ path: name, sizeBytes })),
    problems,
    understood: described.understood,
    parts: {
      appliance,
      kickstart,
      kickstartFile,
      parameters: parameters.parameters,
      parametersFile,
      module,
      scripts,
      documentation,
    },
  };
}

/**
 * Opens a recipe: a folder with a descriptor, one kickstart, one Puppet module and other files of the recipe. The
 * folder is used in place and never changed.
 *
 * @throws ApplianceError `RECIPE_INVALID` with every problem of every file; as {@link readRecipe}
 */
export async function openRecipe(
  folder: string,
  context: Context,
  options: OpenRecipeOptions = {},
): Promise<OpenedRecipe> {
  const { origin, descriptorText, problems, parts } = await readRecipe(folder, context, options);
  const warnings = refuseRecipeErrors(problems, origin);
  const { appliance, kickstart, kickstartFile, module, ...rest } = parts;
  if (
    appliance === undefined ||
    kickstart === undefined ||
    kickstartFile === undefined ||
    module === undefined
  ) {
    throw new TypeError("a recipe that lacks a part has an error");
  }
  const recipe = { appliance, kickstart, kickstartFile, module, ...rest };
  return { recipe, origin, descriptorText, problems: warnings };
}
