import type { RecipeProblem } from "../kickstart/model.ts";
import { checkValue } from "./check-value.ts";
import { PatternMatcher } from "./match-pattern.ts";
import type { ParameterLayer, RecipeParameter, ResolvedParameter } from "./model.ts";

/** The parameters with their values, and all problems. */
export interface ResolvedParameters {
  /** Parameters that have a value, in the order of parameters.yaml. */
  readonly values: readonly ResolvedParameter[];
  /** Required parameters that are not set. A program can prompt for them on a terminal. */
  readonly missing: readonly RecipeParameter[];
  /** Every unknown name, invalid value and missing value. */
  readonly problems: readonly RecipeProblem[];
}

function suggest(name: string, parameters: readonly RecipeParameter[]): string {
  if (parameters.length === 0) return "the recipe has no parameters";
  const known = parameters.map((parameter) => parameter.name).join(", ");
  return `${name.slice(0, 64)}: no such parameter, expected one of ${known}`;
}

/**
 * Returns the value of each parameter: that of the last layer that sets it, or else its default. An invalid value is a
 * problem even if a later layer overrides it.
 */
export function resolveParameters(
  parameters: readonly RecipeParameter[],
  layers: readonly ParameterLayer[],
): ResolvedParameters {
  const problems: RecipeProblem[] = [];
  const matcher = new PatternMatcher();
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const found = new Map<string, ResolvedParameter>();
  for (const parameter of parameters) {
    if (parameter.default === undefined) continue;
    found.set(parameter.name, { parameter, value: parameter.default, origin: "default" });
  }
  for (const layer of layers) {
    for (const [name, given] of layer.values) {
      const problem = (code: string, message: string): void => {
        const { line } = given;
        problems.push({ severity: "error", code, message, line, origin: layer.origin });
      };
      const parameter = byName.get(name);
      if (parameter === undefined) {
        if (!layer.shared) problem("parameter-unknown", suggest(name, parameters));
        continue;
      }
      const { value, fault } = checkValue(parameter, given, matcher);
      if (value === undefined) problem("parameter-mismatch", `${name}: ${fault}`);
      else found.set(name, { parameter, value, origin: layer.origin });
    }
  }
  // A parameter with an invalid value is not missing: its value is reported above.
  const missing = parameters.filter(
    ({ name, required }) => required && !layers.some(({ values }) => values.has(name)),
  );
  for (const { name, description } of missing) {
    const what = description === undefined ? "" : ` (${description.trim()})`;
    const message = `${name}: required parameter is not set${what}`;
    problems.push({
      severity: "error",
      code: "parameter-missing",
      message,
      line: undefined,
      origin: "parameters",
    });
  }
  const values = parameters.flatMap(({ name }) => found.get(name) ?? []);
  return { values, missing, problems };
}
