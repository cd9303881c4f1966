import { defineVerbGroup, type Verb } from "../verb.ts";
import { recipeKs } from "./recipe/ks.ts";
import { recipeNode } from "./recipe/node.ts";
import { descriptions } from "../verb-descriptions.ts";

/** `recipe ks|node`: prints the results of a recipe with this site's answers, without creating anything. */
export const verb: Verb = defineVerbGroup({
  command: "recipe",
  describe: descriptions.recipe,
  verbs: [recipeKs, recipeNode],
});
