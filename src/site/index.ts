/** What a machine has for recipes: installed ones, the site's answers to them, and Puppet modules with their names. */
export { findInstalledRecipe, listInstalledRecipes } from "./installed-recipes.ts";
export type { InstalledRecipe } from "./installed-recipes.ts";
export { findModuleClashes } from "./module-clashes.ts";
export { readSiteAnswers, readStockKickstarts, type SitePlaces } from "./site-answers.ts";
