import { stat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { listInstalledRecipes } from "../../site/index.ts";
import { readCatalogue } from "../catalogue/catalogue.ts";
import { baseFilesOf, type CatalogueEntry } from "../catalogue/catalogue-entry.ts";
import type { HostPaths } from "../access/paths.ts";

/** An installed version of an appliance; the form of `list --json`, to which fields are only added. */
export interface ApplianceSummary {
  readonly kind: "image" | "recipe";
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  readonly label: string;
  /** True if all its bases are in the pool; a recipe has none. */
  readonly ready: boolean;
}

async function isReady(entry: CatalogueEntry, paths: HostPaths): Promise<boolean> {
  for (const { file, bytes } of baseFilesOf(entry)) {
    const stats = await stat(path.join(paths.baseDir, file)).catch(() => undefined);
    if (stats?.size !== bytes) return false;
  }
  return true;
}

async function listRecipes(paths: HostPaths): Promise<{
  readonly recipes: readonly ApplianceSummary[];
  readonly problems: readonly string[];
}> {
  try {
    const recipes = await listInstalledRecipes(paths.catalogueDir);
    return {
      recipes: recipes.map(({ name, version, release, label, package: rpm }) => ({
        kind: "recipe",
        name,
        package: rpm,
        version,
        release,
        arch: "noarch",
        label,
        ready: true,
      })),
      problems: [],
    };
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code !== "RECIPE_INVALID") throw error;
    return { recipes: [], problems: [error.message] };
  }
}

/** Lists installed images, then recipes, by name, newest first. Does not use libvirt. */
export async function listAppliances(paths: HostPaths): Promise<{
  readonly appliances: readonly ApplianceSummary[];
  readonly problems: readonly string[];
}> {
  const { entries, problems } = await readCatalogue(paths);
  const { recipes, problems: recipeProblems } = await listRecipes(paths);
  const appliances = await Promise.all(
    entries.map(async (entry): Promise<ApplianceSummary> => {
      const { name, version, release, arch, label } = entry;
      const ready = await isReady(entry, paths);
      return { kind: "image", name, package: entry.package, version, release, arch, label, ready };
    }),
  );
  return { appliances: [...appliances, ...recipes], problems: [...problems, ...recipeProblems] };
}
