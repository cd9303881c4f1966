export { buildAppliance, planBuild, renderProblem } from "./build.ts";
export type { BuildOptions, BuildResult } from "./build.ts";
