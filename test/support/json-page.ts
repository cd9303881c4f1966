/** The document that a page shows for a command. */
export interface JsonExample {
  /** As the heading has it, without code marks: `inspect of a package`. */
  readonly title: string;
  readonly example: unknown;
  /** Names of the fields that may be null. */
  readonly nullable: ReadonlySet<string>;
}

/** Finds the examples of a page: a heading that begins with code, and the first block fenced with `json` behind it. */
export function jsonExamples(markdown: string): readonly JsonExample[] {
  return markdown
    .split(/^#{2,3} /m)
    .filter((section) => section.startsWith("`"))
    .map((section) => {
      const [heading = ""] = section.split("\n", 1);
      const block = /^```json\n([^]*?)^```$/m.exec(section)?.[1];
      if (block === undefined) throw new Error(`${heading}: has no example`);
      const nulls = /^May be null: ([^.]*)\./m.exec(section)?.[1] ?? "";
      return {
        title: heading.replaceAll("`", ""),
        example: JSON.parse(block),
        nullable: new Set(Array.from(nulls.matchAll(/`(\w+)`/g), ([, name]) => name ?? "")),
      };
    });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** Returns where a document is not as its example promises; more fields than it shows are fine. */
export function differences(
  actual: unknown,
  { example, nullable }: Pick<JsonExample, "example" | "nullable">,
  place = "document",
): readonly string[] {
  if (kindOf(actual) !== kindOf(example)) {
    return [`${place} is ${kindOf(actual)}, expected ${kindOf(example)}`];
  }
  if (Array.isArray(actual) && Array.isArray(example)) {
    if (example.length === 0) return [];
    return actual.flatMap((element, index) => {
      // An example with several elements shows the existing kinds of elements.
      const all = example.map((one: unknown) =>
        differences(element, { example: one, nullable }, `${place}[${index}]`),
      );
      return all.some((found) => found.length === 0) ? [] : (all[0] ?? []);
    });
  }
  if (!isObject(actual) || !isObject(example)) return [];
  return Object.entries(example).flatMap(([name, value]) => {
    const inside = `${place}.${name}`;
    if (!(name in actual)) return [`${inside} is missing`];
    if (actual[name] === null && nullable.has(name)) return [];
    return differences(actual[name], { example: value, nullable }, inside);
  });
}
