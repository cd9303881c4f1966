import { countOf } from "../../lib/count-of.ts";
import { MAX_VALUE, type PatternMatcher } from "./match-pattern.ts";
import type { LayerValue, ParameterValue, RecipeParameter } from "./model.ts";

/** A valid value, or the reason why it is invalid. */
export type CheckedValue =
  | { readonly value: ParameterValue; readonly fault: undefined }
  | { readonly value: undefined; readonly fault: string };

/** Characters that no text of a recipe may contain. */
// Line feeds and tabs are allowed; other control characters and unpaired surrogates are not.
// eslint-disable-next-line no-control-regex -- control characters are what is searched for
export const NOT_TEXT: RegExp = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]|\p{Cs}/u;

function shown(parameter: RecipeParameter, value: ParameterValue): string {
  return parameter.secret
    ? "another value"
    : `${typeof value} ${JSON.stringify(value).slice(0, 80)}`;
}

/** Converts text to the parameter's type. Returns text that cannot be converted unchanged. */
function typed(parameter: RecipeParameter, text: string): ParameterValue {
  if (parameter.type === "integer" && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (parameter.type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

function typeFault(parameter: RecipeParameter, value: ParameterValue): string | undefined {
  const found = `found ${shown(parameter, value)}`;
  switch (parameter.type) {
    case "integer":
      return Number.isSafeInteger(value) ? undefined : `expected a whole number, ${found}`;
    case "boolean":
      return typeof value === "boolean" ? undefined : `expected true or false, ${found}`;
    case "enum":
      return typeof value === "string" && parameter.values.includes(value)
        ? undefined
        : `expected one of ${parameter.values.join(", ")}, ${found}`;
    case "string":
      break;
  }
  if (typeof value !== "string") return `expected text, ${found}; put it in quotes`;
  if (value.length > MAX_VALUE) {
    return `${countOf(value.length, "character")}, expected at most ${MAX_VALUE}`;
  }
  return NOT_TEXT.test(value) ? "contains a control character, expected text" : undefined;
}

/** Checks a value against its parameter. Returns the typed value, or its fault, which does not quote a secret. */
export function checkValue(
  parameter: RecipeParameter,
  given: Pick<LayerValue, "value" | "untyped">,
  matcher: PatternMatcher,
): CheckedValue {
  const value =
    given.untyped && typeof given.value === "string" ? typed(parameter, given.value) : given.value;
  const fault = typeFault(parameter, value);
  if (fault !== undefined) return { value: undefined, fault };
  if (parameter.pattern === undefined) return { value, fault: undefined };
  const matches = matcher.matches(parameter.pattern, String(value));
  if (matches === "too-slow") {
    return {
      value: undefined,
      fault: `its pattern /${parameter.pattern}/ takes too long to match`,
    };
  }
  return matches
    ? { value, fault: undefined }
    : {
        value: undefined,
        fault: `does not match ${parameter.pattern}, found ${shown(parameter, value)}`,
      };
}
