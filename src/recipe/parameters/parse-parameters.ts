import type { RecipeProblem } from "../kickstart/model.ts";
import { checkValue, NOT_TEXT } from "./check-value.ts";
import { PatternMatcher, patternFault } from "./match-pattern.ts";
import type { ParameterValue, RecipeParameter } from "./model.ts";
import { parseYaml, type YamlEntry, type YamlValue } from "./yaml-document.ts";

/** Maximum number of parameters of a recipe, and of values of an enum. */
const MAX_ITEMS = 256;

/** A parsed parameters.yaml. */
export interface ParsedParameters {
  readonly parameters: readonly RecipeParameter[];
  readonly problems: readonly RecipeProblem[];
}

type Report = (code: string, message: string, line: number) => void;

const types: readonly RecipeParameter["type"][] = ["string", "integer", "boolean", "enum"];

/** Names that Puppet reserves as variables or keywords. No class can have a parameter with such a name. */
const RESERVED = new Set(
  "and application attr case component consumes default define elsif environment else false function if import in inherits name node or private produces site title trusted facts true type undef unit unless".split(
    " ",
  ),
);

function asValue(value: YamlValue): ParameterValue | undefined {
  if (value.kind !== "scalar") return undefined;
  const found = value.value;
  return typeof found === "string" || typeof found === "number" || typeof found === "boolean"
    ? found
    : undefined;
}

/** Reads the fields of one parameter, and reports those of a wrong type. */
class FieldReader {
  readonly fields: ReadonlyMap<string, YamlEntry>;
  readonly report: Report;
  readonly line: number;
  what = "parameter";

  constructor(entries: readonly YamlEntry[], line: number, report: Report) {
    this.fields = new Map(entries.map((entry) => [entry.key, entry]));
    this.line = line;
    this.report = report;
  }

  refuse(code: string, field: string, expected: string): undefined {
    const line = this.fields.get(field)?.line ?? this.line;
    this.report(code, `${this.what}: ${field}: ${expected}`, line);
    return undefined;
  }

  text(field: string): string | undefined {
    const entry = this.fields.get(field);
    if (entry === undefined) return undefined;
    const value = asValue(entry.value);
    return typeof value === "string" ? value : this.refuse("field", field, "expected text");
  }

  boolean(field: string): boolean {
    const entry = this.fields.get(field);
    if (entry === undefined) return false;
    const value = asValue(entry.value);
    if (typeof value === "boolean") return value;
    this.refuse("field", field, "expected true or false");
    return false;
  }

  texts(field: string): readonly string[] {
    const entry = this.fields.get(field);
    if (entry === undefined) return [];
    const items = entry.value.kind === "list" ? entry.value.items.map(asValue) : [undefined];
    const texts = items.filter((item) => typeof item === "string");
    if (texts.length !== items.length) this.refuse("field", field, "expected a list of texts");
    if (texts.some((text) => NOT_TEXT.test(text))) {
      this.refuse("field", field, "contains a control character, expected texts");
    }
    if (texts.length > MAX_ITEMS) this.refuse("field", field, `more than ${MAX_ITEMS} items`);
    return texts.slice(0, MAX_ITEMS);
  }
}

const FIELDS = [
  "name",
  "type",
  "default",
  "required",
  "description",
  "pattern",
  "values",
  "secret",
];

function readName(reader: FieldReader): string {
  const name = reader.text("name") ?? "";
  reader.what = name === "" ? "parameter" : `parameter ${name.slice(0, 64)}`;
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) {
    reader.refuse(
      "parameter-name",
      "name",
      "expected a lower-case letter, then letters, digits, _",
    );
  } else if (RESERVED.has(name)) {
    reader.refuse("parameter-name", "name", "a word that Puppet reserves");
  }
  return name;
}

function readDefault(
  reader: FieldReader,
  parameter: RecipeParameter,
  matcher: PatternMatcher,
): ParameterValue | undefined {
  const entry = reader.fields.get("default");
  if (entry === undefined) return undefined;
  const value = asValue(entry.value);
  if (value === undefined) return reader.refuse("field", "default", "expected a single value");
  const { fault } = checkValue(parameter, { value, untyped: false }, matcher);
  return fault === undefined ? value : reader.refuse("default-bad", "default", fault);
}

function readParameter(
  item: YamlValue,
  matcher: PatternMatcher,
  report: Report,
): RecipeParameter | undefined {
  if (item.kind !== "map") {
    report("parameter-bad", "parameter: expected a map with name, type, …", item.line);
    return undefined;
  }
  const reader = new FieldReader(item.entries, item.line, report);
  const name = readName(reader);
  for (const { key } of item.entries) {
    if (!FIELDS.includes(key)) {
      reader.refuse("field-unknown", key, `not known, expected one of ${FIELDS.join(", ")}`);
    }
  }
  const wanted = reader.fields.has("type") ? reader.text("type") : "string";
  const type = types.find((each) => each === wanted);
  if (type === undefined) reader.refuse("field", "type", `expected one of ${types.join(", ")}`);
  const pattern = reader.text("pattern");
  const patternProblem = pattern === undefined ? undefined : patternFault(pattern);
  if (patternProblem !== undefined) reader.refuse("pattern-bad", "pattern", patternProblem);
  const values = reader.texts("values");
  if ((type === "enum") !== values.length > 0) {
    reader.refuse("field", "values", "expected a list of texts, and only for an enum");
  }
  const parameter: RecipeParameter = {
    name,
    type: type ?? "string",
    default: undefined,
    required: reader.boolean("required"),
    description: reader.text("description"),
    pattern: patternProblem === undefined ? pattern : undefined,
    values,
    secret: reader.boolean("secret"),
    line: item.line,
  };
  if (parameter.secret && reader.fields.has("default")) {
    reader.refuse(
      "default-bad",
      "default",
      "a secret cannot have a default, which the package would disclose",
    );
  }
  if (parameter.required && reader.fields.has("default")) {
    reader.refuse(
      "default-bad",
      "default",
      "a required parameter cannot have a default: the site sets it",
    );
  }
  return type === undefined
    ? undefined
    : { ...parameter, default: readDefault(reader, parameter, matcher) };
}

/**
 * Parses parameters.yaml, the list of a recipe's parameters, and returns every problem.
 *
 * @param origin  name of the file in messages
 */
export function parseParameters(text: string, origin: string): ParsedParameters {
  const { value, problems: syntax } = parseYaml(text, origin);
  const problems: RecipeProblem[] = [...syntax];
  const report: Report = (code, message, line) => {
    problems.push({ severity: "error", code, message, line, origin });
  };
  if (value === undefined) return { parameters: [], problems };
  if (value.kind !== "list" || value.items.length > MAX_ITEMS) {
    report("parameters-bad", `parameters: expected a list of at most ${MAX_ITEMS}`, value.line);
    return { parameters: [], problems };
  }
  const parameters: RecipeParameter[] = [];
  const matcher = new PatternMatcher();
  for (const item of value.items) {
    const parameter = readParameter(item, matcher, report);
    if (parameter === undefined) continue;
    if (parameters.some(({ name }) => name === parameter.name)) {
      report("parameter-repeated", `parameter ${parameter.name}: declared twice`, parameter.line);
    } else parameters.push(parameter);
  }
  return { parameters, problems };
}
