import { ApplianceError } from "../../errors.ts";
import {
  findInstalledRecipe,
  type InstalledRecipe,
  listInstalledRecipes,
} from "../../site/index.ts";
import { findEntry, readCatalogue } from "./catalogue.ts";
import type { CatalogueEntry } from "./catalogue-entry.ts";
import type { HostPaths } from "../access/paths.ts";

/** Source of a VM. */
export interface VmSource {
  readonly kind: "image" | "recipe";
  /** Note if the other kind has the same name: which one is used, and how to choose. */
  readonly note: string | undefined;
}

async function orUndefined<T>(code: string, found: Promise<T>): Promise<T | undefined> {
  return found.catch((error: unknown) => {
    if (error instanceof ApplianceError && error.code === code) return undefined;
    throw error;
  });
}

function noteOf(wanted: string, image: CatalogueEntry, recipe: InstalledRecipe): string {
  const both = [image, recipe].map((e) => `${e.package}-${e.version}-${e.release}`);
  return `${wanted}: uses the image ${both[0]}; to use the recipe ${both[1]}, name it ${recipe.package}`;
}

/**
 * Returns whether a name refers to an installed image or an installed recipe. An image takes precedence over a recipe
 * of the same name.
 *
 * @throws ApplianceError `HOST_UNKNOWN_APPLIANCE` if it is neither; `HOST_CATALOGUE_BAD`
 */
export async function findSource(paths: HostPaths, wanted: string): Promise<VmSource> {
  const catalogue = await readCatalogue(paths);
  const recipe = await orUndefined(
    "RECIPE_UNKNOWN",
    findInstalledRecipe(paths.catalogueDir, wanted),
  );
  try {
    const image = findEntry(catalogue, wanted);
    const note = recipe === undefined ? undefined : noteOf(wanted, image, recipe);
    return { kind: "image", note };
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code !== "HOST_UNKNOWN_APPLIANCE") throw error;
    if (recipe !== undefined) return { kind: "recipe", note: undefined };
    const recipes = await listInstalledRecipes(paths.catalogueDir);
    throw new ApplianceError("HOST_UNKNOWN_APPLIANCE", error.message, {
      details: [
        ...error.details,
        ...recipes.map((each) => `${each.package}-${each.version}-${each.release}`),
      ],
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}
