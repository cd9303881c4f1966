import type { RecipeProblem } from "../kickstart/model.ts";
import type { LayerValue, ParameterLayer } from "./model.ts";
import { parseYaml } from "./yaml-document.ts";

/** A layer, and the problems of its text. */
export interface ParsedLayer {
  readonly layer: ParameterLayer;
  readonly problems: readonly RecipeProblem[];
}

/**
 * Parses a file of values: a map from parameter to value.
 *
 * @param at.shared  whether several recipes share the file, so that it may set parameters which this one does not have
 */
export function parseLayer(
  text: string,
  at: { readonly origin: string; readonly shared: boolean },
): ParsedLayer {
  const { value, problems: syntax } = parseYaml(text, at.origin);
  const problems = [...syntax];
  const values = new Map<string, LayerValue>();
  const refuse = (message: string, line: number): void => {
    problems.push({ severity: "error", code: "layer-bad", message, line, origin: at.origin });
  };
  if (value !== undefined && value.kind !== "map") refuse("expected a map of values", value.line);
  for (const { key, line, value: entry } of value?.kind === "map" ? value.entries : []) {
    const found = entry.kind === "scalar" ? entry.value : undefined;
    if (typeof found === "string" || typeof found === "number" || typeof found === "boolean") {
      values.set(key, { value: found, untyped: false, line });
    } else refuse(`${key.slice(0, 64)}: expected a single value`, line);
  }
  return { layer: { ...at, values }, problems };
}

/** Creates a layer from `NAME=VALUE` arguments. The last value of a name counts. */
export function layerOfArguments(settings: readonly string[], origin: string): ParsedLayer {
  const problems: RecipeProblem[] = [];
  const values = new Map<string, LayerValue>();
  for (const setting of settings) {
    const equals = setting.indexOf("=");
    if (equals < 1) {
      // The text may be a secret, so the message does not quote it.
      const message = "a setting without a name or an equals sign, expected NAME=VALUE";
      problems.push({ severity: "error", code: "setting-bad", message, line: undefined, origin });
      continue;
    }
    const value = setting.slice(equals + 1);
    values.set(setting.slice(0, equals), { value, untyped: true, line: undefined });
  }
  return { layer: { origin, shared: false, values }, problems };
}
