import { stat } from "node:fs/promises";
import path from "node:path";
import { escapeControls } from "../errors.ts";
import { readPlainText } from "../lib/plain-file.ts";
import type { Recipe } from "../recipe/index.ts";
import { listInstalledRecipes } from "./installed-recipes.ts";

/** Folders on a host that may contain other modules. */
export interface ModulePlaces {
  readonly catalogueDir: string;
  /** Folder of Puppet modules from distribution packages. */
  readonly modulesDir: string;
}

/** Returns the full name from a module's metadata, `AUTHOR-MODULE`; undefined if it has none. */
async function nameInMetadata(folder: string): Promise<string | undefined> {
  try {
    const value: unknown = JSON.parse(await readPlainText(path.join(folder, "metadata.json")));
    const isNamed = typeof value === "object" && value !== null && "name" in value;
    return isNamed && typeof value.name === "string" ? value.name.replace("/", "-") : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the packaged module with the name of the recipe's, unless it is the recipe's module itself. */
async function packagedModule(recipe: Recipe, modulesDir: string): Promise<readonly string[]> {
  const { name, metadata } = recipe.module;
  const folder = path.join(modulesDir, name);
  const isThere = (await stat(folder).catch(() => undefined))?.isDirectory() ?? false;
  if (!isThere) return [];
  const found = await nameInMetadata(folder);
  return found === metadata.name ? [] : [`${folder} (${found ?? "without metadata"})`];
}

/**
 * Returns one sentence for each installed recipe or Puppet module whose module has the same name as the recipe's. One
 * Puppet server cannot serve both.
 *
 * @throws ApplianceError `RECIPE_INVALID` when an entry of the catalogue cannot be read
 */
export async function findModuleClashes(
  recipe: Recipe,
  { catalogueDir, modulesDir }: ModulePlaces,
): Promise<readonly string[]> {
  const { name } = recipe.module;
  const recipes = (await listInstalledRecipes(catalogueDir))
    .filter((other) => other.module === name && other.name !== recipe.appliance.name)
    .map((other) => other.package);
  const others = [...new Set(recipes), ...(await packagedModule(recipe, modulesDir))];
  return others.map((other) =>
    escapeControls(
      `module ${name}: ${other} has the same name; a Puppet server accepts only one of them`,
    ),
  );
}
