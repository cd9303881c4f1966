import type { Context } from "../lib/context.ts";
import {
  planNaming,
  plannedFileName,
  refuseSamePackage,
  type SourcePackage,
} from "../package/index.ts";
import { findRecipe, inspectSource } from "../source/index.ts";
import { planRecipe, type RecipeBuildOptions } from "./build-recipe.ts";
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
  // The build reports problems of a descriptor.
  if (appliance === undefined) return [];
  const naming = planNaming(appliance, options.package ?? {});
  return [{ source, file: plannedFileName({ ...naming, name: naming.package }) }];
}

/**
 * Refuses sources of one command that would give the same package. Reads only the descriptors; a compressed tarball
 * must be read completely for that.
 *
 * @throws ApplianceError `PLAN_SAME_PACKAGE` with the sources; `PLAN_*`, and `SOURCE_*` or `LIB_*` if the kind of a
 *   source cannot be determined
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
