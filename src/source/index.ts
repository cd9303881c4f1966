/** Where appliances come from: tarballs and folders, checked; and the way back into a tarball. */
export { refuseBadBootFiles } from "./check-disks.ts";
export { findStandIn } from "./check-files.ts";
export { inspectSource } from "./inspect-source.ts";
export type { InspectedFile, Inspection, Source, SourceFile, SourceLimits } from "./model.ts";
export { findInstalledRecipe, listInstalledRecipes } from "./installed-recipes.ts";
export type { InstalledRecipe } from "./installed-recipes.ts";
export { findRecipe } from "./find-recipe.ts";
export type { FoundRecipe } from "./find-recipe.ts";
export { findModuleClashes } from "./module-clashes.ts";
export { packRecipe, unpackRecipe } from "./recipe-archive.ts";
export { isRecipeDirectory, openRecipe, readRecipe } from "./recipe-directory.ts";
export type {
  OpenedRecipe,
  OpenRecipeOptions,
  ReadRecipe,
  RecipeParts,
} from "./recipe-directory.ts";
export { openSource, type OpenSourceOptions } from "./open-source.ts";
export { packDirectory, type PackOptions, type PackResult } from "./pack-directory.ts";
export { unpackSource } from "./unpack-source.ts";
export { readSiteAnswers, readStockKickstarts } from "./site-answers.ts";
export type { SitePlaces } from "./site-answers.ts";
