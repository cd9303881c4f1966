export { buildAppliance, planBuild, renderProblem, withStagedAppliance } from "./build.ts";
export type { BuildOptions, BuildResult, StagedAppliance } from "./build.ts";
export { buildRecipe, planRecipe } from "./build-recipe.ts";
export { checkSources } from "./check-sources.ts";
export { buildHostPackage, planHost } from "./host-package.ts";
export type { OwnPackageOptions } from "./own-package.ts";
export { buildToolPackage, planTool } from "./tool-package.ts";
export type { ToolDocumentation } from "./tool-package.ts";
