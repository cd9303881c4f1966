import { renderDescriptor } from "../appliance/index.ts";
import type { Recipe, RecipeFile } from "../recipe/index.ts";
import { catalogueDirOf } from "./appliance-entries.ts";
import { planNaming } from "./appliance-package.ts";
import type { TimedPackageOptions } from "./package-options.ts";
import type { PackageNaming } from "./naming.ts";
import { planIdentity } from "./plan-identity.ts";
import type { FileAttribute, PackagePlan, PlannedEntry } from "./package-plan.ts";
import { planFolders, planText, planRecipeFile, sortedByPath } from "./recipe-entries.ts";

/** Version of the form of recipe.json; fields are only added. */
const SCHEMA = 1;

/** Input for the plans of both packages of a recipe. */
export interface RecipeInput {
  readonly recipe: Recipe;
  readonly options: TimedPackageOptions;
}

/** Returns the names of a recipe's package on the KVM host: the appliance's, with `-recipe`. */
export function recipeNaming({ recipe, options }: RecipeInput): PackageNaming {
  const naming = planNaming(recipe.appliance, options);
  return { ...naming, package: `${naming.package}-recipe`, arch: "noarch" };
}

/** Returns the common parts of both packages of a recipe. */
export function planRecipeCommons(
  { recipe, options }: RecipeInput,
  naming: PackageNaming,
): Omit<
  PackagePlan,
  "summary" | "description" | "license" | "provides" | "requires" | "recommends" | "entries"
> {
  const { appliance } = recipe;
  return {
    name: naming.package,
    ...(appliance.epoch === undefined ? {} : { epoch: appliance.epoch }),
    version: naming.version,
    release: naming.release,
    arch: naming.arch,
    group: "Unspecified",
    ...planIdentity(appliance, options),
    buildTimeSeconds: options.sourceDateEpoch ?? appliance.dateSeconds ?? options.buildTimeSeconds,
    // A constant, because the package must not depend on the builder's host name.
    buildHost: "virt-appliance",
    conflicts: [],
    obsoletes: [],
    suggests: [],
    supplements: [],
    enhances: [],
    scriptlets: {},
    packageTriggers: [],
    fileTriggers: [],
    payload: options.payload ?? { compressor: "gzip", level: 9 },
  };
}

function renderRecipeEntry(recipe: Recipe, naming: PackageNaming): string {
  const { appliance, kickstartFile, parametersFile, module } = recipe;
  const document = {
    schema: SCHEMA,
    name: naming.appliance,
    package: naming.package,
    version: naming.version,
    release: naming.release,
    label: appliance.label ?? naming.appliance,
    kickstart: kickstartFile.path,
    ...(parametersFile === undefined ? {} : { parameters: parametersFile.path }),
    module: { name: module.name, version: module.metadata.version },
    disks: appliance.disks.map(({ id, role, sizeBytes }) => ({ disk: id, role, sizeBytes })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const README = /^README/i;

function documentationAttribute({ path }: RecipeFile): FileAttribute {
  if (README.test(path)) return "readme";
  return /^(LICEN[CS]E|COPYING|NOTICE)/i.test(path) ? "license" : "doc";
}

/**
 * Plans the package of a recipe for KVM hosts. Its catalogue entry is itself a recipe folder: descriptor, kickstart,
 * parameters, scripts, and a copy of the module for VMs without a Puppet server. A later version replaces an earlier
 * one, because installed VMs no longer need it. Pure: the same input gives the same plan.
 *
 * @throws ApplianceError `PLAN_NO_VERSION`
 */
export function planRecipePackage(input: RecipeInput): PackagePlan {
  const { recipe } = input;
  const { appliance } = recipe;
  const naming = recipeNaming(input);
  const commons = planRecipeCommons(input, naming);
  const at = { folder: catalogueDirOf(naming), mtimeSeconds: commons.buildTimeSeconds };
  const files = [
    recipe.kickstartFile,
    ...(recipe.parametersFile === undefined ? [] : [recipe.parametersFile]),
    ...recipe.module.files,
    ...recipe.scripts,
  ];
  const entries: PlannedEntry[] = [
    ...planFolders(
      files.map(({ path }) => path),
      at,
    ),
    planText(
      "appliance.xml",
      renderDescriptor({ ...appliance, version: naming.version, release: naming.release }),
      at,
    ),
    planText("recipe.json", renderRecipeEntry(recipe, naming), at),
    ...files.map((file) => planRecipeFile(file, file.path, at)),
    ...recipe.documentation.map((file): PlannedEntry => ({
      ...planRecipeFile(file, file.path, at),
      attributes: [documentationAttribute(file)],
    })),
  ];
  const label = (appliance.label ?? naming.appliance).replace(/\s+/g, " ").trim();
  return {
    ...commons,
    summary: `${label}, as a recipe`,
    description: `${(appliance.description ?? label).trim()}

This package holds no disk images but the recipe for a virtual machine: which
disks it has, how it is installed, and how Puppet configures it.`,
    license: appliance.license ?? "LicenseRef-Not-Stated",
    provides: [
      {
        name: `virt-appliance-recipe(${naming.appliance})`,
        comparison: "=",
        version: naming.versionRelease,
      },
    ],
    requires: [{ name: "virt-appliance-host" }],
    recommends: [{ name: "virt-appliance" }],
    entries: sortedByPath(entries),
  };
}
