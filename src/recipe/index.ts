/** Recipes: kickstarts, parameters and Puppet modules, parsed, joined and rendered. Nothing here reads or writes. */
export { checkRecipe, composeRecipe, refuseRecipeErrors } from "./compose-recipe.ts";
export type { ComposedRecipe, SiteAnswers } from "./compose-recipe.ts";
export { readInstallerNeeds } from "./compose/installer-needs.ts";
export type { InstallerNeeds } from "./compose/installer-needs.ts";
export { kickstartHoldsSecrets } from "./compose/mask.ts";
export { INSTALLED_MARK, renderFirstBoot } from "./first-boot/render-first-boot.ts";
export type { FirstBootInput, ModuleContent } from "./first-boot/render-first-boot.ts";
export type { PuppetRun } from "./first-boot/puppet-run.ts";
export type * from "./kickstart/model.ts";
export { parseKickstart } from "./kickstart/parse-kickstart.ts";
export { parseRelease } from "./kickstart/release.ts";
export type * from "./model.ts";
export type * from "./parameters/model.ts";
export { layerOfArguments, parseLayer } from "./parameters/parameter-layer.ts";
export { parseParameters } from "./parameters/parse-parameters.ts";
export { isModuleName, parseMetadata } from "./puppet/module-metadata.ts";
export { renderNode } from "./puppet/node-definition.ts";
export { renderRecipeProblem } from "./render-problem.ts";
