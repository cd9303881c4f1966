import path from "node:path";
import { ApplianceError, escapeControls } from "../errors.ts";
import { hostLayout } from "../package/index.ts";
import {
  type ComposedRecipe,
  composeRecipe,
  layerOfArguments,
  newestBefore,
  parseRelease,
  type Recipe,
  refuseRecipeErrors,
  renderRecipeProblem,
} from "../recipe/index.ts";
import { findInstalledRecipe, findModuleClashes, readSiteAnswers } from "../site/index.ts";
import { findRecipe, openRecipe } from "../source/index.ts";
import { readSettings } from "./options/read-settings.ts";
import type { Cli } from "./command.ts";

/** Arguments of every command that reads a recipe. */
export interface RecipeArguments {
  readonly recipe: string;
  readonly set: readonly string[] | undefined;
  readonly release: string | undefined;
  readonly showSecrets: boolean;
  readonly root: string;
}

/** Argument of every command that reads a recipe. */
export const recipeArgument = {
  recipe: {
    type: "string",
    demandOption: true,
    describe: "name of an installed recipe, or directory or tarball of a recipe",
  },
} as const;

/** Options of every command that reads a recipe, besides `--set`. */
export const recipeOptions = {
  release: {
    type: "string",
    describe:
      "release of the installer: F40, RHEL9 (default: that of the descriptor's osinfo, else F40)",
  },
  "show-secrets": {
    type: "boolean",
    default: false,
    describe: "also print passwords, keys and secret parameters",
  },
  root: {
    type: "string",
    default: "/",
    hidden: true,
    describe: "root folder of the host",
  },
} as const;

/** A recipe from this host, a folder or a tarball, with the site's answers applied. */
export interface SiteRecipe {
  readonly recipe: Recipe;
  readonly composed: ComposedRecipe;
}

/**
 * Opens a recipe and applies the site's answers. Logs warnings, and each kickstart statement that is overridden.
 *
 * @throws ApplianceError `RECIPE_INVALID`, `RECIPE_UNKNOWN`, `CLI_USAGE`
 */
export async function openSiteRecipe(args: RecipeArguments, cli: Cli): Promise<SiteRecipe> {
  const release = args.release === undefined ? undefined : parseRelease(args.release);
  if (release === undefined && args.release !== undefined) {
    throw new ApplianceError(
      "CLI_USAGE",
      `--release: "${args.release}" expected a release such as F40 or RHEL9`,
    );
  }
  const newest = release === undefined ? undefined : newestBefore(release);
  if (newest !== undefined) {
    cli.context.logger.warn(
      `--release: ${args.release} is newer than any known release; checking the kickstart for ${newest}`,
    );
  }
  await using found = await findRecipe(args.recipe, cli.context);
  const folder = found?.folder ?? (await installedFolder(args));
  const places = {
    settingsDir: path.join(args.root, hostLayout.settingsDir),
    kickstartsDir: path.join(args.root, hostLayout.kickstartsDir),
  };
  const set = layerOfArguments(await readSettings(args.set ?? [], cli.context), "--set");
  const { recipe } = await openRecipe(folder, cli.context, { name: args.recipe });
  const answers = await readSiteAnswers(places, recipe.appliance.name);
  const composed = composeRecipe(
    recipe,
    { ...answers, layers: [...answers.layers, set.layer] },
    { release },
  );
  for (const clash of await findModuleClashes(recipe, {
    catalogueDir: path.join(args.root, hostLayout.catalogueDir),
    modulesDir: path.join(args.root, hostLayout.puppetModulesDir),
  }))
    cli.context.logger.warn(clash);
  const problems = [...set.problems, ...composed.problems];
  const warnings = refuseRecipeErrors(problems, args.recipe);
  for (const each of warnings) cli.context.logger.warn(escapeControls(renderRecipeProblem(each)));
  for (const note of composed.kickstart.notes) cli.context.logger.info(escapeControls(note));
  return { recipe, composed };
}

/** Returns the folder of an installed recipe. Returns a path unchanged, so that opening it reports the error. */
async function installedFolder(args: RecipeArguments): Promise<string> {
  if (args.recipe.includes("/")) return args.recipe;
  const catalogue = path.join(args.root, hostLayout.catalogueDir);
  return (await findInstalledRecipe(catalogue, args.recipe)).directory;
}

/** Returns values for a JSON document, each with its origin. Secret values are null if `masked` is set. */
export function valuesDocument(
  composed: ComposedRecipe,
  options: { readonly masked: boolean },
): readonly Readonly<Record<string, unknown>>[] {
  return composed.values.map(({ parameter, value, origin }) => ({
    name: parameter.name,
    value: parameter.secret && options.masked ? null : value,
    secret: parameter.secret,
    origin,
  }));
}
