import type { RecipeProblem } from "../kickstart/model.ts";

/** What metadata.json says about a module. */
export interface ModuleMetadata {
  /** `AUTHOR-MODULE`. */
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly summary: string;
}

/** Metadata, and every problem of it. */
export interface ParsedMetadata {
  /** Undefined when it has errors. */
  readonly metadata: ModuleMetadata | undefined;
  readonly problems: readonly RecipeProblem[];
}

/** Names that Puppet's own classes and environments have. */
const RESERVED = new Set(["main", "settings", "production", "environment", "site", "node"]);

/** Tells whether a module may have this name: that of a class, and none of Puppet's own. */
export function isModuleName(name: string): boolean {
  return /^[a-z][a-z0-9_]{0,63}$/.test(name) && !RESERVED.has(name);
}

/** Fields without which Puppet or its Forge refuses a module, each text. */
const REQUIRED = ["name", "version", "author", "license", "summary", "source"] as const;

function fieldProblems(
  fields: Readonly<Record<string, unknown>>,
  module: string,
): readonly string[] {
  const problems: string[] = [];
  for (const name of REQUIRED) {
    const value = fields[name];
    if (typeof value !== "string" || value.trim() === "") {
      problems.push(`${name}: expected text`);
    }
  }
  const { name, version, dependencies } = fields;
  if (typeof name === "string" && !/^[A-Za-z0-9]+[-/][a-z][a-z0-9_]*$/.test(name)) {
    problems.push(`name: "${name.slice(0, 80)}", expected AUTHOR-${module}`);
  } else if (typeof name === "string" && name.split(/[-/]/)[1] !== module) {
    problems.push(
      `name: "${name}" is of another module than its folder, expected AUTHOR-${module}`,
    );
  }
  const semantic =
    /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;
  if (typeof version === "string" && !semantic.test(version)) {
    problems.push(`version: "${version.slice(0, 80)}", expected a semantic version such as 1.0.0`);
  }
  if (!Array.isArray(dependencies)) problems.push("dependencies: expected a list, empty when none");
  return problems;
}

/**
 * Parses a module's metadata.json and answers every problem.
 *
 * @param at.module  name of the module's folder
 * @see Puppet documentation, "Module metadata"; Puppet::Module#load_metadata refuses what lacks a field
 */
export function parseMetadata(
  text: string,
  at: { readonly origin: string; readonly module: string },
): ParsedMetadata {
  const problem = (message: string): RecipeProblem => ({
    severity: "error",
    code: "module-metadata",
    message,
    line: undefined,
    origin: at.origin,
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { metadata: undefined, problems: [problem(`not JSON: ${why}`)] };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { metadata: undefined, problems: [problem("not an object")] };
  }
  const fields = new Map(Object.entries(value));
  const problems = fieldProblems(Object.fromEntries(fields), at.module).map(problem);
  if (problems.length > 0) return { metadata: undefined, problems };
  const field = (name: string): string => String(fields.get(name));
  return {
    metadata: {
      name: field("name"),
      version: field("version"),
      license: field("license"),
      summary: field("summary"),
    },
    problems: [],
  };
}
