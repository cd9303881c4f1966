import { ApplianceError } from "../../errors.ts";
import { countOf } from "../../lib/count-of.ts";

/** What the variables of a spec template stand for. */
export const specVariables = {
  MACROS: "macros that make rpmbuild leave the files alone, and repeat a build exactly",
  NAME: "name of the package",
  EPOCH: "the tag Epoch, if the package has one",
  VERSION: "version",
  RELEASE: "release",
  SUMMARY: "summary",
  LICENSE: "licence, an SPDX expression",
  TAGS: "the tags Group, Vendor, Packager, URL and architecture",
  SOURCES: "a tag SourceN for each file",
  RELATIONS: "the tags Provides, Requires, Conflicts and the other relations",
  DESCRIPTION: "description",
  INSTALL: "the commands of %install",
  SCRIPTLETS: "the sections of scriptlets and triggers",
  FILES: "the lines of %files",
  CHANGELOG: "the entries of %changelog",
} as const;

/** Name of a variable. */
export type SpecVariable = keyof typeof specVariables;

/** A template of a spec. */
export interface SpecTemplate {
  /** Name in messages: the path of its file. */
  readonly name: string;
  readonly text: string;
}

const VARIABLE = /@([A-Za-z][A-Za-z0-9_]*)@/g;

function isVariable(name: string): name is SpecVariable {
  return Object.hasOwn(specVariables, name);
}

/** Variables whose values may have several lines. */
const blocks: ReadonlySet<string> = new Set<SpecVariable>([
  "MACROS",
  "EPOCH",
  "TAGS",
  "SOURCES",
  "RELATIONS",
  "DESCRIPTION",
  "INSTALL",
  "SCRIPTLETS",
  "FILES",
  "CHANGELOG",
]);

function problemsOf(template: SpecTemplate): readonly string[] {
  const found = new Set<string>();
  const unknown = template.text.split("\n").flatMap((line, index) =>
    [...line.matchAll(VARIABLE)].flatMap(([, name = ""]) => {
      found.add(name);
      if (!isVariable(name)) return [`line ${index + 1}: @${name}@ is no variable`];
      return blocks.has(name) && line.trim() !== `@${name}@`
        ? [`line ${index + 1}: @${name}@ needs a line to itself`]
        : [];
    }),
  );
  const missing = Object.keys(specVariables).filter((name) => !found.has(name));
  return [...unknown, ...missing.map((name) => `@${name}@ is missing`)];
}

/**
 * Refuses a template that cannot be filled in.
 *
 * @throws ApplianceError `RPM_BAD_TEMPLATE` with every unknown variable and its line, and every variable that is
 *   missing: the package would lack files, scriptlets or relations
 */
export function refuseBadTemplate(template: SpecTemplate): void {
  const problems = problemsOf(template);
  if (problems.length === 0) return;
  throw new ApplianceError(
    "RPM_BAD_TEMPLATE",
    `${template.name}: ${countOf(problems.length, "problem")} in the template of the spec`,
    { details: problems, hint: `the variables are ${Object.keys(specVariables).join(", ")}` },
  );
}

/** A template that was filled in. */
export interface FilledTemplate {
  readonly text: string;
  /** Lines of the template, counted from 1, by line of the text. */
  readonly lines: readonly number[];
}

/**
 * Fills in a template. A line that holds nothing but a variable without a value is left out. Values are not
 * searched for variables.
 *
 * @throws ApplianceError as {@link refuseBadTemplate}
 */
export function fillSpecTemplate(
  template: SpecTemplate,
  values: Readonly<Record<SpecVariable, string>>,
): FilledTemplate {
  refuseBadTemplate(template);
  const valueOf = (name: string): string => (isVariable(name) ? values[name] : "");
  const filled = template.text.split("\n").flatMap((line, index) => {
    const only = /^\s*@([A-Za-z0-9_]+)@\s*$/.exec(line)?.[1];
    if (only !== undefined && valueOf(only) === "") return [];
    const text = line.replaceAll(VARIABLE, (_, name: string) => valueOf(name));
    return text.split("\n").map((each) => ({ text: each, line: index + 1 }));
  });
  return {
    text: filled.map(({ text }) => text).join("\n"),
    lines: filled.map(({ line }) => line),
  };
}
