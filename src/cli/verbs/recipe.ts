import { defineVerbGroup } from "../verb.ts";
import type { Verb } from "../verb.ts";
import { recipeKs } from "./recipe/ks.ts";
import { recipeNode } from "./recipe/node.ts";

/** `recipe ks|node`: what a recipe comes to at this site, without creating anything. */
export const verb: Verb = defineVerbGroup({
  command: "recipe",
  describe: "show what a recipe comes to at this site",
  verbs: [recipeKs, recipeNode],
});
