import {
  type ComposedRecipe,
  composeRecipe,
  type ParameterLayer,
  type Recipe,
  type SiteAnswers,
} from "../../recipe/index.ts";
import {
  findInstalledRecipe,
  findModuleClashes,
  type InstalledRecipe,
  readSiteAnswers,
} from "../../site/index.ts";
import { openRecipe } from "../../source/index.ts";
import { hostLayout } from "../../package/index.ts";
import path from "node:path";
import type { HostAccess } from "../access/host-access.ts";

/** An installed recipe, composed with the site's answers. */
export interface SiteRecipe {
  readonly entry: InstalledRecipe;
  readonly recipe: Recipe;
  readonly answers: SiteAnswers;
  /** With its problems, including errors. */
  readonly composed: ComposedRecipe;
  /** Other modules with the same name, one sentence each. */
  readonly moduleClashes: readonly string[];
}

/**
 * Opens an installed recipe, and composes it with the site's answers.
 *
 * @param layers  values that override the site's
 * @throws ApplianceError `RECIPE_UNKNOWN`; `RECIPE_INVALID` if the recipe or a file of the site cannot be read
 */
export async function openSiteRecipe(
  host: Pick<HostAccess, "paths" | "context">,
  name: string,
  layers: readonly ParameterLayer[],
): Promise<SiteRecipe> {
  const { paths, context } = host;
  const entry = await findInstalledRecipe(paths.catalogueDir, name);
  const { recipe } = await openRecipe(entry.directory, context);
  const places = {
    settingsDir: paths.settingsDir,
    kickstartsDir: path.join(paths.root, hostLayout.kickstartsDir),
  };
  const site = await readSiteAnswers(places, recipe.appliance.name);
  const answers = { ...site, layers: [...site.layers, ...layers] };
  const moduleClashes = await findModuleClashes(recipe, {
    catalogueDir: paths.catalogueDir,
    modulesDir: path.join(paths.root, hostLayout.puppetModulesDir),
  });
  return { entry, recipe, answers, composed: composeRecipe(recipe, answers), moduleClashes };
}
