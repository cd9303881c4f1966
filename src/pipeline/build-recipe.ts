import { symlink } from "node:fs/promises";
import path from "node:path";
import { makeFolder, moveInto, openTemporaryFolder } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { type PackagePlan, planPuppetPackage, planRecipePackage } from "../package/index.ts";
import type { Kickstart, Recipe } from "../recipe/index.ts";
import { buildRpm, checkEngine } from "../rpm/index.ts";
import { signRpm } from "../sign/index.ts";
import { openRecipe } from "../source/index.ts";
import type { BuildOptions, BuildResult } from "./build.ts";
import { packageOptionsOf } from "./build-defaults.ts";
import { refuseForTargets } from "./refuse-targets.ts";

/** Options for building a recipe: those of an appliance, without the ones for images. */
export interface RecipeBuildOptions extends Pick<
  BuildOptions,
  "outputFolder" | "package" | "signer" | "engine" | "targets" | "repositories"
> {
  /** Stock kickstarts of this machine, by name. */
  readonly stock?: ReadonlyMap<string, Kickstart> | undefined;
  /** Name of the recipe in messages. Default: its folder. */
  readonly name?: string | undefined;
}

/** The planned packages: the recipe's, and its module's. */
interface PlannedRecipe {
  readonly plans: readonly PackagePlan[];
  readonly warnings: BuildResult["warnings"];
}

async function open(
  origin: string,
  options: RecipeBuildOptions,
  context: Context,
): Promise<PlannedRecipe & { readonly recipe: Recipe }> {
  const { recipe, problems } = await openRecipe(origin, context, {
    runsPuppet: true,
    name: options.name,
    stock: options.stock,
  });
  const input = { recipe, options: packageOptionsOf(options, context) };
  return {
    recipe,
    plans: [planRecipePackage(input), planPuppetPackage(input)],
    warnings: problems,
  };
}

/**
 * Returns the packages that {@link buildRecipe} would build, without writing anything.
 *
 * @throws ApplianceError as {@link buildRecipe}
 */
export async function planRecipe(
  origin: string,
  options: RecipeBuildOptions,
  context: Context,
): Promise<PlannedRecipe> {
  const { plans, warnings } = await open(origin, options, context);
  return { plans, warnings };
}

/** Links every file of a recipe into the staging folder; nothing is copied. */
async function stage(recipe: Recipe, folder: string): Promise<void> {
  const { kickstartFile, parametersFile, module, scripts, documentation } = recipe;
  const files = [
    kickstartFile,
    ...(parametersFile === undefined ? [] : [parametersFile]),
    ...module.files,
    ...scripts,
    ...documentation,
  ];
  for (const file of files) {
    const target = path.join(folder, file.path);
    await makeFolder(path.dirname(target));
    await symlink(file.absolutePath, target);
  }
}

/**
 * Builds the RPMs of a recipe, one for KVM hosts and one for Puppet servers, and returns their paths. They appear in
 * the output folder when both are complete and signed. No temporary files are left there.
 *
 * @throws ApplianceError `RECIPE_INVALID` with every problem of the recipe; `SOURCE_*`, `PLAN_*`, `RPM_*`, `SIGN_*`,
 *   `LIB_NO_SPACE`, `LIB_INTERRUPTED`
 */
export async function buildRecipe(
  origin: string,
  options: RecipeBuildOptions,
  context: Context,
): Promise<readonly BuildResult[]> {
  await checkEngine(options.engine, options.outputFolder, context);
  await using _output = await makeFolder(options.outputFolder);
  const { recipe, plans, warnings } = await open(origin, options, context);
  await using staging = await openTemporaryFolder(options.outputFolder);
  await using finished = await openTemporaryFolder(options.outputFolder);
  await stage(recipe, staging.path);
  const built: { readonly from: string; readonly plan: PackagePlan; readonly name: string }[] = [];
  for (const plan of plans) {
    const folders = { stagingFolder: staging.path, outputFolder: finished.path, isTemporary: true };
    const made = await buildRpm(plan, { ...folders, ...options.engine }, context);
    const { path: from } = made;
    if (options.signer !== undefined) {
      const epoch = options.package?.sourceDateEpoch;
      await signRpm(from, options.signer, context, {
        createdAt: epoch === undefined ? undefined : new Date(epoch * 1000),
      });
    }
    built.push({ from, plan, name: made.name });
  }
  const packages = built.map(({ from, name }) => ({ path: from, name }));
  await refuseForTargets(packages, options, context);
  const results: BuildResult[] = [];
  for (const [index, { from, plan }] of built.entries()) {
    const target = path.join(options.outputFolder, path.basename(from));
    await moveInto(from, target);
    results.push({ path: target, plan, warnings: index === 0 ? warnings : [] });
  }
  return results;
}
