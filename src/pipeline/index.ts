export { buildAppliance, planBuild, renderProblem, withStagedAppliance } from "./build.ts";
export type { BuildOptions, BuildResult, StagedAppliance } from "./build.ts";
export { buildFiles, type FilesBuild } from "./build-files.ts";
export { buildRecipe, planRecipe, type RecipeBuildOptions } from "./build-recipe.ts";
export { checkSources } from "./check-sources.ts";
export { buildHostPackage } from "./host-package.ts";
export type { OwnPackageOptions } from "./own-package.ts";
export { buildToolPackage, type ToolDocumentation } from "./tool-package.ts";
