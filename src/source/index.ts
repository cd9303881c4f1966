/** Reads and checks appliances and recipes in tarballs and folders, and packs them into tarballs. */
export { refuseBadBootFiles } from "./check-disks.ts";
export { findStandIn } from "./check-files.ts";
export { inspectSource } from "./inspect-source.ts";
export type { InspectedFile, Inspection, Source, SourceFile, SourceLimits } from "./model.ts";
export { findRecipe, type FoundRecipe } from "./recipe/find-recipe.ts";
export { packRecipe, unpackRecipe } from "./recipe/recipe-archive.ts";
export { isRecipeDirectory, openRecipe, readRecipe } from "./recipe/recipe-directory.ts";
export type {
  OpenedRecipe,
  OpenRecipeOptions,
  ReadRecipe,
  RecipeParts,
} from "./recipe/recipe-directory.ts";
export { openSource, type OpenSourceOptions } from "./open-source.ts";
export { packDirectory, type PackOptions, type PackResult } from "./pack-directory.ts";
export { unpackSource } from "./unpack-source.ts";
export { readRecipeText } from "./recipe/recipe-text.ts";
export type { SourceKindName } from "./model.ts";
