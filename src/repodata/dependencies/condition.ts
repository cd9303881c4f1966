import { type Evr, parseEvr } from "../../lib/evr.ts";
import type { DependencyRecord } from "../package-record.ts";

/** A version that a dependency compares with, or that a package provides. */
export interface Range {
  readonly flags: NonNullable<DependencyRecord["flags"]>;
  readonly evr: Evr;
}

/** A name, with the versions of it that are sufficient; undefined: all. */
export interface NamedCondition {
  readonly kind: "name";
  readonly name: string;
  readonly range: Range | undefined;
}

/** Operators of boolean dependencies; `else` is the third part of `if` and `unless`. */
const operators = ["and", "or", "with", "without", "if", "unless", "else"] as const;
type Operator = (typeof operators)[number];

/** What must be installed for a dependency to hold. */
export type Condition =
  | NamedCondition
  | {
      readonly kind: Exclude<Operator, "else">;
      readonly left: Condition;
      readonly right: Condition;
      readonly otherwise: Condition | undefined;
    }
  /** A boolean expression that cannot be read. */
  | { readonly kind: "unknown" };

const comparisons: Readonly<Record<string, Range["flags"]>> = {
  "<": "LT",
  "<=": "LE",
  "=": "EQ",
  ">=": "GE",
  ">": "GT",
};

/** Returns the range of a dependency; undefined if every version is sufficient. */
export function rangeOf(record: DependencyRecord): Range | undefined {
  const { flags, epoch, version, release } = record;
  if (flags === undefined || version === undefined) return undefined;
  const evr = { epoch: Number(epoch ?? "0"), version, release };
  return { flags, evr };
}

/** Splits an expression into parentheses of groups, names with their own parentheses, and operators. */
function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  let name = "";
  let depth = 0;
  const flush = (): void => {
    if (name !== "") tokens.push(name);
    name = "";
  };
  for (const char of text) {
    const isInName = name !== "" && (char === "(" || depth > 0);
    if (isInName && !/\s/.test(char)) {
      if (char === "(") depth += 1;
      if (char === ")") depth -= 1;
      name += char;
    } else if (char === "(" || char === ")") {
      flush();
      tokens.push(char);
    } else if (/[\s,]/.test(char)) {
      flush();
      depth = 0;
    } else name += char;
  }
  flush();
  return tokens;
}

/** Deeper expressions are not read. */
const MAX_DEPTH = 32;

/** Reads the tokens of one expression from the front. Throws SyntaxError. */
class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  /** Returns the whole expression. */
  whole(): Condition {
    const condition = this.#operand(0);
    if (this.#at < this.#tokens.length) throw new SyntaxError("text after the expression");
    return condition;
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new SyntaxError("the expression ends early");
    return token;
  }

  #operand(depth: number): Condition {
    const name = this.#next();
    if (name === "(") return this.#group(depth + 1);
    if (name === ")") throw new SyntaxError("an operand is missing");
    const flags = comparisons[this.#tokens[this.#at] ?? ""];
    if (flags === undefined) return { kind: "name", name, range: undefined };
    this.#at += 1;
    return { kind: "name", name, range: { flags, evr: parseEvr(this.#next()) } };
  }

  #operator(): Operator | undefined {
    const token = this.#next();
    const found = operators.find((one) => one === token);
    if (found === undefined && token !== ")") throw new SyntaxError("an operator is missing");
    return found;
  }

  /** Reads a group after its opening parenthesis. rpm repeats one operator, or follows it by `else`. */
  #group(depth: number): Condition {
    if (depth > MAX_DEPTH) throw new SyntaxError("too deep");
    let left = this.#operand(depth);
    let last: Operator | undefined;
    for (;;) {
      const kind = this.#operator();
      if (kind === undefined) return left;
      if (kind === "else") {
        if (left.kind !== "if" && left.kind !== "unless") throw new SyntaxError("else without if");
        if (last !== left.kind) throw new SyntaxError("operators are mixed");
        left = { ...left, otherwise: this.#operand(depth) };
      } else {
        const repeats = kind === last && ["and", "or", "with"].includes(kind);
        if (last !== undefined && !repeats) throw new SyntaxError("operators are mixed");
        left = { kind, left, right: this.#operand(depth), otherwise: undefined };
      }
      last = kind;
    }
  }
}

/** Returns what a dependency requires. A boolean expression that cannot be read is `unknown`. */
export function conditionOf(record: DependencyRecord): Condition {
  const { name } = record;
  if (!name.startsWith("(")) return { kind: "name", name, range: rangeOf(record) };
  try {
    return new Parser(name).whole();
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: "unknown" };
    throw error;
  }
}

/** Returns every name in a condition. */
export function namesIn(condition: Condition): readonly string[] {
  if (condition.kind === "unknown") return [];
  if (condition.kind === "name") return [condition.name];
  const { left, right, otherwise } = condition;
  return [...namesIn(left), ...namesIn(right), ...(otherwise ? namesIn(otherwise) : [])];
}
