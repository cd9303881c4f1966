import { countOf } from "../lib/count-of.ts";
import { ApplianceError } from "../errors.ts";
import { type ComposedKickstart, composeKickstart } from "./compose/compose.ts";
import type { Kickstart, RecipeProblem, Release } from "./kickstart/model.ts";
import type { Recipe } from "./model.ts";
import type { ParameterLayer, RecipeParameter, ResolvedParameter } from "./parameters/model.ts";
import { resolveParameters } from "./parameters/resolve-parameters.ts";
import { renderRecipeProblem } from "./render-problem.ts";

/** What of a recipe becomes a kickstart. */
export type RecipeTexts = Pick<Recipe, "appliance" | "kickstart" | "parameters">;

/** What a site says about a recipe. */
export interface SiteAnswers {
  /** Returns for all recipes. */
  readonly site: Kickstart | undefined;
  /** Returns for this one. */
  readonly siteRecipe: Kickstart | undefined;
  /** Values of parameters; later layers win. */
  readonly layers: readonly ParameterLayer[];
  /** Stock kickstarts of the host, by name. */
  readonly stock: ReadonlyMap<string, Kickstart>;
}

/** A recipe as a site wants it. */
export interface ComposedRecipe {
  readonly kickstart: ComposedKickstart;
  readonly values: readonly ResolvedParameter[];
  /** Required parameters that nobody gives. */
  readonly missing: readonly RecipeParameter[];
  /** Of parameters and kickstart. */
  readonly problems: readonly RecipeProblem[];
}

/** Joins a recipe with the answers of a site and returns what comes out, with every problem. */
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
 * Returns what a recipe comes to by itself, before any site has spoken: what a builder is told. A stock kickstart that
 * is not on the builder's machine is a warning.
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
    // The stock kickstart may hold the layout.
    if (problem.code === "root-missing" && isMissing) return [];
    return problem.code === "include-missing" ? [{ ...problem, severity: "warning" }] : [problem];
  });
}

/**
 * Returns the warnings when there are no errors.
 *
 * @param subject  what is refused: a path or the name of a recipe
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
