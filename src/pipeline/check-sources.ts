import type { Context } from "../lib/context.ts";
import { plannedFileName, planNaming, refuseSamePackage } from "../plan/index.ts";
import type { SourcePackage } from "../plan/index.ts";
import { findRecipe, inspectSource } from "../source/index.ts";
import { planRecipe } from "./build-recipe.ts";
import type { RecipeBuildOptions } from "./build-recipe.ts";
import type { BuildOptions } from "./build.ts";

type CheckOptions = Pick<BuildOptions, "package" | "outputFolder" | "maxExpandedBytes"> &
  Pick<RecipeBuildOptions, "stock">;

async function packagesOf(
  source: string,
  options: CheckOptions,
  context: Context,
): Promise<readonly SourcePackage[]> {
  await using found = await findRecipe(source, context);
  if (found !== undefined) {
    const { plans } = await planRecipe(found.folder, { ...options, name: source }, context);
    return plans.map((plan) => ({ source, file: plannedFileName(plan) }));
  }
  const { maxExpandedBytes } = options;
  const limits = maxExpandedBytes === undefined ? {} : { maxExpandedBytes };
  const { appliance } = await inspectSource(source, context, limits);
  // What is wrong with a descriptor is for its build to say.
  if (appliance === undefined) return [];
  const naming = planNaming(appliance, options.package);
  return [{ source, file: plannedFileName({ ...naming, name: naming.package }) }];
}

/**
 * Refuses sources that are to be built by one command when one's package would replace another's. Only the descriptors
 * are read, which means for a compressed tarball to pass over all of it.
 *
 * @throws ApplianceError `PLAN_SAME_PACKAGE` naming the sources; `PLAN_*`, and `SOURCE_*` or `LIB_*` when there is no
 *   telling what a source is
 */
export async function checkSources(
  sources: readonly string[],
  options: CheckOptions,
  context: Context,
): Promise<void> {
  const packages: SourcePackage[] = [];
  for (const source of sources) packages.push(...(await packagesOf(source, options, context)));
  refuseSamePackage(packages);
}
