import { countOf } from "../lib/count-of.ts";
import { ApplianceError } from "../errors.ts";
import { type ComposedKickstart, composeKickstart } from "./compose/compose.ts";
import type { Kickstart, RecipeProblem, Release } from "./kickstart/model.ts";
import type { Recipe } from "./model.ts";
import type { ParameterLayer, RecipeParameter, ResolvedParameter } from "./parameters/model.ts";
import { resolveParameters } from "./parameters/resolve-parameters.ts";
import { renderRecipeProblem } from "./render-problem.ts";

/** The parts of a recipe that a kickstart is composed from. */
export type RecipeTexts = Pick<Recipe, "appliance" | "kickstart" | "parameters">;

/** A site's settings for a recipe. */
export interface SiteAnswers {
  /** The site's kickstart for all recipes. */
  readonly site: Kickstart | undefined;
  /** The site's kickstart for this recipe. */
  readonly siteRecipe: Kickstart | undefined;
  /** Values of parameters; a later layer overrides an earlier one. */
  readonly layers: readonly ParameterLayer[];
  /** Stock kickstarts of the host, by name. */
  readonly stock: ReadonlyMap<string, Kickstart>;
}

/** A recipe joined with a site's settings. */
export interface ComposedRecipe {
  readonly kickstart: ComposedKickstart;
  readonly values: readonly ResolvedParameter[];
  /** Required parameters that are not set. */
  readonly missing: readonly RecipeParameter[];
  /** Problems of the parameters and of the kickstart. */
  readonly problems: readonly RecipeProblem[];
}

/** Joins a recipe with a site's settings. Returns the composed recipe with every problem. */
export function composeRecipe(
  recipe: RecipeTexts,
  answers: SiteAnswers,
  options: { readonly release?: Release | undefined } = {},
): ComposedRecipe {
  const { values, missing, problems } = resolveParameters(recipe.parameters, answers.layers);
  const kickstart = composeKickstart({
    appliance: recipe.appliance,
    recipe: recipe.kickstart,
    stock: answers.stock,
    site: answers.site,
    siteRecipe: answers.siteRecipe,
    parameters: { declared: recipe.parameters, values },
    ...(options.release === undefined ? {} : { release: options.release }),
  });
  return { kickstart, values, missing, problems: [...problems, ...kickstart.problems] };
}

/**
 * Returns the problems of a recipe alone, without a site's settings, for its builder. A required parameter without a
 * value is not a problem. A stock kickstart that is missing on the builder's machine is a warning.
 */
export function checkRecipe(
  recipe: RecipeTexts,
  stock: ReadonlyMap<string, Kickstart>,
): readonly RecipeProblem[] {
  const nobody: SiteAnswers = { site: undefined, siteRecipe: undefined, layers: [], stock };
  const composed = composeRecipe(recipe, nobody).problems;
  const isMissing = composed.some(({ code }) => code === "include-missing");
  return composed.flatMap((problem): RecipeProblem[] => {
    if (problem.code === "parameter-missing") return [];
    // The missing stock kickstart may contain the disk layout.
    if (problem.code === "root-missing" && isMissing) return [];
    return problem.code === "include-missing" ? [{ ...problem, severity: "warning" }] : [problem];
  });
}

/**
 * Returns the warnings when there are no errors.
 *
 * @param subject  path or name of the recipe, for the message
 * @throws ApplianceError `RECIPE_INVALID` with every error
 */
export function refuseRecipeErrors(
  problems: readonly RecipeProblem[],
  subject: string,
): readonly RecipeProblem[] {
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return problems;
  const count = errors.length === 1 ? "a problem" : countOf(errors.length, "problem");
  throw new ApplianceError("RECIPE_INVALID", `${subject}: ${count}, expected none`, {
    details: errors.map(renderRecipeProblem),
    ...(errors.some(({ code }) => code === "parameter-missing")
      ? { hint: "set parameters with --set NAME=VALUE, or in /etc/virt-appliance" }
      : {}),
  });
}
