import type { PackagePlan, Relation } from "../../package/index.ts";
import { lineProblems, patternProblems } from "./text.ts";

const evr = {
  pattern: /^(?:[0-9]+:)?[A-Za-z0-9._+~^]+(?:-[A-Za-z0-9._+~^]+)?$/,
  expected: "[epoch:]version[-release]",
};
const name = {
  pattern: /^[A-Za-z0-9_/][^\s,]*$/,
  expected: "a name without spaces and commas that begins with a letter, digit, _ or /",
};

type Kind =
  | "provides"
  | "requires"
  | "conflicts"
  | "obsoletes"
  | "recommends"
  | "suggests"
  | "supplements"
  | "enhances";

const kinds: readonly Kind[] = [
  "provides",
  "requires",
  "conflicts",
  "obsoletes",
  "recommends",
  "suggests",
  "supplements",
  "enhances",
];

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const [i, char] of text.split("").entries()) {
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (depth < 0 || (depth === 0 && i < text.length - 1)) return false;
  }
  return depth === 0;
}

/** Operators that rpm refuses in a kind of relation, and the one to use instead. */
function operatorProblems(kind: Kind | "trigger", { name: expression }: Relation): string[] {
  const isForward = kind === "requires" || kind === "recommends" || kind === "suggests";
  const [wrong, right] = isForward ? ["unless", "or"] : ["if", "and"];
  return new RegExp(`\\s${wrong}\\s`).test(expression)
    ? [`${kind} ${expression}: rpm allows no "${wrong}" there, use "${right}"`]
    : [];
}

function richProblems(kind: Kind | "trigger", relation: Relation): string[] {
  const what = `${kind} ${relation.name}`;
  return [
    ...(kind === "provides" || kind === "obsoletes" || kind === "trigger"
      ? [`${what}: rpm allows no boolean expression there`]
      : []),
    ...operatorProblems(kind, relation),
    ...(isBalanced(relation.name) ? [] : [`${what}: parentheses do not match`]),
    ...(relation.comparison === undefined && relation.version === undefined
      ? []
      : [`${what}: a boolean expression cannot have a version`]),
  ];
}

/** Returns the problems of one relation, or of one condition of a trigger. */
export function relationProblems(kind: Kind | "trigger", relation: Relation): string[] {
  const { version, comparison, phases } = relation;
  const what = `${kind} ${relation.name}`;
  const line = lineProblems(`name in ${kind}`, relation.name);
  if (line.length > 0) return line;
  const common =
    kind !== "requires" && (phases ?? []).length > 0 ? [`${what}: only requires has phases`] : [];
  if (relation.name.startsWith("(")) return [...common, ...richProblems(kind, relation)];
  return [
    ...common,
    ...patternProblems(kind, relation.name, name),
    ...((version === undefined) === (comparison === undefined)
      ? []
      : [`${what}: has ${version === undefined ? "a comparison" : "a version"} alone`]),
    ...(version === undefined ? [] : patternProblems(`${what}: version`, version, evr)),
    ...(version !== undefined && relation.name.startsWith("/")
      ? [`${what}: a path has no version`]
      : []),
    ...(relation.name.startsWith("rpmlib(") ? [`${what}: the writer adds these itself`] : []),
  ];
}

/** Returns the problems of a plan's relations. */
export function relationsProblems(plan: PackagePlan): string[] {
  return kinds.flatMap((kind) =>
    plan[kind].flatMap((relation) => relationProblems(kind, relation)),
  );
}
