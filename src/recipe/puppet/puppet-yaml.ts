import { isAlias, isMap, isNode, isScalar, isSeq, type Node, visit } from "yaml";
import { parseLooseYaml } from "../parameters/yaml-document.ts";

/** Scalars that Ruby's YAML parser reads as a date or a time. */
const DATE =
  /^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$|^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d/;

/** A problem of a data file. */
export interface DataFault {
  readonly severity: "error" | "warning";
  readonly message: string;
}

/** Converts a YAML node to plain data. Aliases are not followed; they become undefined. */
export function plainValue(node: unknown, depth = 0): unknown {
  if (depth > 16) return undefined;
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map((item) => plainValue(item, depth + 1));
  if (!isMap(node)) return undefined;
  return new Map(
    node.items.map((pair) => {
      const key = plainValue(pair.key, depth + 1);
      // The merge key is parsed as a symbol.
      const name = typeof key === "symbol" ? "<<" : String(key).replace(/^:/, "");
      return [name, plainValue(pair.value, depth + 1)];
    }),
  );
}

/** Returns a warning for keys that Puppet does not read, because they do not begin with the name of the module. */
function keyFaults(keys: readonly unknown[], module: string): readonly DataFault[] {
  const strange = keys.filter(
    (key) =>
      typeof key === "string" &&
      key !== "lookup_options" &&
      key !== "<<" &&
      !key.replace(/^:/, "").startsWith(`${module}::`),
  );
  if (strange.length === 0) return [];
  const some = strange.slice(0, 5).map((key) => JSON.stringify(String(key).slice(0, 60)));
  const more = strange.length > some.length ? ` and ${strange.length - some.length} more` : "";
  const message = `${some.join(", ")}${more}: Puppet does not read module data under such keys, expected ${module}::NAME`;
  return [{ severity: "warning", message }];
}

/** Returns errors for values that Puppet rejects: Ruby objects other than symbols, and dates. */
function objectFaults(contents: Node | null): readonly DataFault[] {
  const found = new Set<string>();
  visit(contents, (_, node) => {
    if (!isNode(node) || isAlias(node)) return;
    const { tag } = node;
    if (tag?.startsWith("!ruby/") === true && !/^!ruby\/sym(?:bol)?$/.test(tag)) found.add(tag);
    if (isScalar(node) && node.type === "PLAIN" && DATE.test(node.source ?? ""))
      found.add(`${node.source}: a date`);
  });
  return [...found].slice(0, 5).map((what) => ({
    severity: "error",
    message: `${what.slice(0, 60)}: Puppet rejects such a value, expected it in quotes`,
  }));
}

function parseJson(text: string, module: string): readonly DataFault[] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return keyFaults(Object.keys(value), module);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [{ severity: "error", message: `not JSON: ${why.slice(0, 200)}` }];
  }
  return [{ severity: "error", message: "expected an object of keys and values" }];
}

/** Returns the problems that Puppet would have with a data file. Formats other than YAML and JSON are not checked. */
export function parseData(text: string, path: string, module: string): readonly DataFault[] {
  if (path.endsWith(".json")) return parseJson(text, module);
  if (!/\.(ya?ml|eyaml)$/.test(path)) return [];
  const { contents, fault } = parseLooseYaml(text);
  if (fault !== undefined) return [{ severity: "error", message: `not YAML: ${fault}` }];
  const objects = objectFaults(contents);
  if (isMap(contents)) {
    const keys = contents.items.map(({ key }) => (isScalar(key) ? key.value : undefined));
    return [...objects, ...keyFaults(keys, module)];
  }
  if (contents === null) return objects;
  if (isScalar(contents) && (contents.value === null || contents.value === false)) return objects;
  const message = "expected a map of keys and values; Puppet reads no data from it";
  return [...objects, { severity: "warning", message }];
}
