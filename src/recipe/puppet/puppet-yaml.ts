import { isMap, isScalar, isSeq } from "yaml";
import { parseLooseYaml } from "../parameters/yaml-document.ts";

/** What is wrong with data. */
export interface DataFault {
  readonly severity: "error" | "warning";
  readonly message: string;
}

/** Answers a value of Puppet's YAML as plain data, without following aliases. */
export function plainValue(node: unknown, depth = 0): unknown {
  if (depth > 16) return undefined;
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map((item) => plainValue(item, depth + 1));
  if (!isMap(node)) return undefined;
  return new Map(
    node.items.map((pair) => [
      String(plainValue(pair.key, depth + 1)).replace(/^:/, ""),
      plainValue(pair.value, depth + 1),
    ]),
  );
}

/** Answers what Puppet would object to in a file of data, or undefined. Other formats than YAML and JSON are passed over. */
export function parseData(text: string, path: string): DataFault | undefined {
  if (path.endsWith(".json")) {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return undefined;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { severity: "error", message: `not JSON: ${why.slice(0, 200)}` };
    }
    return { severity: "error", message: "no object of keys and values" };
  }
  if (!/\.(ya?ml|eyaml)$/.test(path)) return undefined;
  const { contents, fault } = parseLooseYaml(text);
  if (fault !== undefined) return { severity: "error", message: `not YAML: ${fault}` };
  if (contents === null || isMap(contents)) return undefined;
  if (isScalar(contents) && (contents.value === null || contents.value === false)) return undefined;
  return { severity: "warning", message: "no map of keys and values; Puppet finds nothing in it" };
}
