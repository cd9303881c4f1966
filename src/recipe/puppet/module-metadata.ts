import type { RecipeProblem } from "../kickstart/model.ts";
import { withoutComments } from "./json-text.ts";

/** Another module that a module needs. */
export interface ModuleDependency {
  /** `AUTHOR/MODULE`, or the name as written in another form. */
  readonly name: string;
  /** Name of the module's folder, and first part of its class names. */
  readonly module: string;
  /** Required versions, in Puppet's syntax. */
  readonly versions: string | undefined;
}

/** The metadata of a module, from metadata.json. */
export interface ModuleMetadata {
  /** `AUTHOR-MODULE`; the name of the module's folder if the metadata has no name. */
  readonly name: string;
  /** Empty if the metadata has no printable version. */
  readonly version: string;
  readonly license: string | undefined;
  /** Empty if the metadata has no summary. */
  readonly summary: string;
  readonly dependencies: readonly ModuleDependency[];
}

/** Metadata, and all its problems. */
export interface ParsedMetadata {
  /** Undefined if there are errors. */
  readonly metadata: ModuleMetadata | undefined;
  readonly problems: readonly RecipeProblem[];
}

/** Names of Puppet's own classes and environments. */
const RESERVED = new Set(["main", "settings", "production", "environment", "site", "node"]);

/** Returns whether a module may have a name: it is valid for a class, and Puppet does not reserve it. */
export function isModuleName(name: string): boolean {
  return /^[a-z][a-z0-9_]{0,63}$/.test(name) && !RESERVED.has(name);
}

/** Fields that Puppet requires to load a module. Their values may be empty: `pdk` writes an empty source. */
const REQUIRED = ["source", "author", "version", "license", "dependencies"] as const;

const SEMANTIC = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** Maximum number of dependencies, and maximum length of a field. Longer fields are cut. */
const MAX_DEPENDENCIES = 256;
const MAX_TEXT = 1000;

/** Maximum depth of nesting in Ruby's JSON parser. */
const MAX_DEPTH = 100;

type Fields = ReadonlyMap<string, unknown>;
type Report = (severity: RecipeProblem["severity"], message: string) => void;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns a string as printable text on one line, cut to `MAX_TEXT`; empty for any other value. */
function plainText(value: unknown): string {
  if (typeof value !== "string") return "";
  return value
    .slice(0, MAX_TEXT)
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function readDependencies(value: unknown, report: Report): readonly ModuleDependency[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    report("error", "dependencies: expected a list, empty when none");
    return [];
  }
  if (value.length > MAX_DEPENDENCIES) {
    report("error", `dependencies: ${value.length}, expected at most ${MAX_DEPENDENCIES}`);
    return [];
  }
  return value.flatMap((item: unknown, index): readonly ModuleDependency[] => {
    const given = isObject(item) ? (item["name"] ?? "") : undefined;
    if (!isObject(item) || typeof given !== "string") {
      report("error", `dependencies: item ${index + 1}: expected an object with a name`);
      return [];
    }
    const name = plainText(given).replace("-", "/");
    const module = name.split("/").at(-1) ?? "";
    if (!/^[a-z][a-z0-9_]*$/i.test(module)) {
      report("warning", `dependencies: item ${index + 1}: not a module name; it is ignored`);
      return [];
    }
    const versions = plainText(item["version_requirement"]);
    return [{ name, module, versions: versions === "" ? undefined : versions }];
  });
}

/** Checks name and version. Reports as warnings what Puppet accepts but the Puppet Forge would reject. */
function checkForm(fields: Fields, module: string, report: Report): void {
  const { name, version } = Object.fromEntries(fields);
  if (name !== undefined && name !== null && typeof name !== "string") {
    report("error", `name: expected AUTHOR-${module}`);
  } else if (typeof name === "string" && !/^[A-Za-z0-9]+[-/][A-Za-z][A-Za-z0-9_]*$/.test(name)) {
    report("warning", `name: "${plainText(name).slice(0, 80)}", expected AUTHOR-${module}`);
  } else if (typeof name === "string" && name.split(/[-/]/)[1] !== module) {
    const found = `"${name.slice(0, 80)}" differs from the module's folder`;
    report(
      "warning",
      `name: ${found}, expected AUTHOR-${module}; Puppet uses the name of the folder`,
    );
  }
  const said = plainText(version);
  if (version !== undefined && version !== null && !SEMANTIC.test(said)) {
    const found = `"${said.slice(0, 80)}"`;
    report("warning", `version: ${found}, expected a semantic version such as 1.0.0`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!text.includes("/")) throw error;
    return JSON.parse(withoutComments(text));
  }
}

/** Returns the metadata for an empty metadata.json, which Puppet accepts. */
function noMetadata(module: string): ModuleMetadata {
  return { name: module, version: "", license: undefined, summary: "", dependencies: [] };
}

/**
 * Parses a module's metadata.json and returns every problem. If Puppet would not load the module, the problem is an
 * error; if only the Puppet Forge would reject it, a warning.
 *
 * @param at.module  name of the module's folder
 * @see Puppet documentation, "Module metadata"; Puppet::Module#load_metadata, Puppet::ModuleTool::Metadata
 */
export function parseMetadata(
  text: string,
  at: { readonly origin: string; readonly module: string },
): ParsedMetadata {
  const problems: RecipeProblem[] = [];
  const report: Report = (severity, message) => {
    const { origin } = at;
    problems.push({ severity, code: "module-metadata", message, line: undefined, origin });
  };
  const refuse = (message: string): ParsedMetadata => {
    report("error", message);
    return { metadata: undefined, problems };
  };
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refuse(`not JSON: ${plainText(why)}`);
  }
  if (isDeeper(value, MAX_DEPTH)) return refuse(`more than ${MAX_DEPTH} levels, expected fewer`);
  const isEmpty = Array.isArray(value) ? value.length === 0 : isObject(value) && isBare(value);
  if (isEmpty) return { metadata: noMetadata(at.module), problems };
  if (!isObject(value)) return refuse("not an object");
  const fields = new Map(Object.entries(value));
  for (const name of REQUIRED) {
    if ((fields.get(name) ?? null) !== null) continue;
    const expected = name === "dependencies" ? "a list, empty when none" : "text";
    report("error", `${name}: expected ${expected}, found nothing`);
  }
  const dependencies = readDependencies(fields.get("dependencies"), report);
  checkForm(fields, at.module, report);
  if (problems.some(({ severity }) => severity === "error")) {
    return { metadata: undefined, problems };
  }
  const license = plainText(fields.get("license"));
  const metadata = {
    name: plainText(fields.get("name")) || at.module,
    version: plainText(fields.get("version")).slice(0, 80),
    license: license === "" ? undefined : license,
    summary: plainText(fields.get("summary")),
    dependencies,
  };
  return { metadata, problems };
}

function isBare(value: object): boolean {
  return Object.keys(value).length === 0;
}
