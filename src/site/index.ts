/** Reads a machine's installed recipes, the site's settings for them, and Puppet modules with clashing names. */
export { findInstalledRecipe, listInstalledRecipes } from "./installed-recipes.ts";
export type { InstalledRecipe } from "./installed-recipes.ts";
export { findModuleClashes } from "./module-clashes.ts";
export { readSiteAnswers, readStockKickstarts, type SitePlaces } from "./site-answers.ts";
