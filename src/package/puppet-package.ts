import type { Recipe } from "../recipe/index.ts";
import { planNaming } from "./appliance-package.ts";
import { hostLayout } from "./host-layout.ts";
import type { PackageNaming } from "./naming.ts";
import type { PackagePlan, PlannedEntry } from "./package-plan.ts";
import { planFolders, planRecipeFile, sortedByPath } from "./recipe-entries.ts";
import { planRecipeCommons, type RecipeInput } from "./recipe-package.ts";

const MODULE_DIR = hostLayout.puppetModulesDir;

/** The folders above a module. Every package with a module owns them, with the same mode. */
const PARENTS: readonly string[] = ["/usr/share/puppet", MODULE_DIR];

/** Returns the names of the package with a recipe's Puppet module: the appliance's, with `-puppet`. */
export function puppetNaming({ recipe, options }: RecipeInput): PackageNaming {
  const naming = planNaming(recipe.appliance, options);
  return { ...naming, package: `${naming.package}-puppet`, arch: "noarch" };
}

function moduleRelation(module: string): string {
  return `virt-appliance-puppet-module(${module})`;
}

/**
 * Returns the dependencies for the modules that a module needs. They are recommended, not required: a server may have
 * them from Puppet's Forge, which rpm does not see.
 */
function recommendedModules({ name, metadata }: Recipe["module"]): readonly string[] {
  const modules = new Set(metadata.dependencies.map(({ module }) => module));
  return [...modules].filter((module) => module !== name).map(moduleRelation);
}

/**
 * Plans the package of a recipe's Puppet module, for a Puppet server. It contains only the module: a site keeps its own
 * data in the environment's layer. It requires nothing of virt-appliance. It recommends Puppet but does not require it:
 * a server may have Puppet as a gem or a container, and a machine that only distributes modules does not need it. Pure:
 * the same input gives the same plan.
 *
 * @throws ApplianceError `PLAN_NO_VERSION`
 */
export function planPuppetPackage(input: RecipeInput): PackagePlan {
  const { module } = input.recipe;
  const naming = puppetNaming(input);
  const commons = planRecipeCommons(input, naming);
  const at = { folder: `${MODULE_DIR}/${module.name}`, mtimeSeconds: commons.buildTimeSeconds };
  const prefix = `puppet/${module.name}/`;
  const { summary } = module.metadata;
  // A server can have only one module of each name, so two packages with the same module conflict before they are
  // downloaded.
  const own = moduleRelation(module.name);
  const names = module.files.map(({ path }) => path.slice(prefix.length));
  const entries: PlannedEntry[] = [
    ...PARENTS.flatMap((folder) => planFolders([], { ...at, folder })),
    ...planFolders(names, at),
    ...module.files.map((file) => planRecipeFile(file, file.path.slice(prefix.length), at)),
  ];
  return {
    ...commons,
    summary:
      summary === "" ? `Puppet module ${module.name}` : `Puppet module ${module.name}: ${summary}`,
    description: `The Puppet module ${`${module.metadata.name} ${module.metadata.version}`.trim()}, which configures virtual
machines made from the recipe ${naming.appliance}. A site's own data and classes stay in
its environments; nothing here is meant to be edited.`,
    license: module.metadata.license ?? "LicenseRef-Not-Stated",
    provides: [
      {
        name: `virt-appliance-puppet(${naming.appliance})`,
        comparison: "=",
        version: naming.versionRelease,
      },
      { name: own, comparison: "=", version: naming.versionRelease },
    ],
    requires: [],
    conflicts: [{ name: own }],
    recommends: [
      { name: "(openvox-agent or puppet-agent or puppet)" },
      ...recommendedModules(module).map((name) => ({ name })),
    ],
    entries: sortedByPath(entries),
  };
}
