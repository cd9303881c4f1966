import type { Host } from "../../host/index.ts";
import {
  layerOfArguments,
  type ParameterLayer,
  type RecipeParameter,
  refuseRecipeErrors,
} from "../../recipe/index.ts";
import { askOnTerminal } from "./ask-terminal.ts";
import type { Cli } from "../command.ts";

function questionOf({ name, description, type, values }: RecipeParameter): string {
  const kind = type === "enum" ? values.join(" or ") : type === "string" ? "" : type;
  const what = [description?.trim(), kind].filter((text) => text !== undefined && text !== "");
  return `${name}${what.length === 0 ? "" : ` (${what.join("; ")})`}: `;
}

/**
 * Returns the parameter values of a recipe that the command line sets: those of `--set`, and those typed on a terminal.
 * On a terminal it asks for each required parameter that is not set. Without a terminal such parameters remain missing.
 *
 * @throws ApplianceError `RECIPE_INVALID` for settings that are not NAME=VALUE; `LIB_INTERRUPTED`
 */
export async function askParameters(
  host: Host,
  wanted: { readonly recipe: string; readonly set: readonly string[] },
  cli: Cli,
): Promise<readonly ParameterLayer[]> {
  const given = layerOfArguments(wanted.set, "--set");
  refuseRecipeErrors(given.problems, wanted.recipe);
  if (!cli.interactive) return [given.layer];
  const missing = await host.missingParameters(wanted.recipe, [given.layer]);
  const answers: string[] = [];
  for (const parameter of missing) {
    const answer = await askOnTerminal(questionOf(parameter), {
      echo: !parameter.secret,
      signal: cli.context.signal,
    });
    if (answer !== "") answers.push(`${parameter.name}=${answer}`);
  }
  return answers.length === 0
    ? [given.layer]
    : [given.layer, layerOfArguments(answers, "the terminal").layer];
}
