import { defineCommandGroup, type Command } from "../command.ts";
import { recipeKs } from "./recipe/ks.ts";
import { recipeNode } from "./recipe/node.ts";
import { descriptions } from "../command-descriptions.ts";

/** `recipe ks|node`: prints the results of a recipe with this site's answers, without creating anything. */
export const command: Command = defineCommandGroup({
  command: "recipe",
  describe: descriptions.recipe,
  commands: [recipeKs, recipeNode],
});
