import { errorProblems, type ProblemCode } from "./problem-codes.ts";
import type { Problem } from "./model.ts";

/** Maximum length of a quotation from the descriptor in a message. */
const QUOTE_CHARS = 80;

/** Maximum number of problems of each severity, so that a hostile document cannot fill screen and memory. */
const KEPT = { warning: 500, error: 500 } as const;

/** Collects problems, so that all of them are reported at once. */
export interface Findings {
  readonly problems: readonly Problem[];
  readonly hasErrors: () => boolean;
  /** @param message  subject first, then the fact, expected and found */
  report(code: ProblemCode, message: string, line?: number): void;
}

/** Returns an empty collection. */
export function newFindings(): Findings {
  const problems: Problem[] = [];
  const count = { warning: 0, error: 0 };
  return {
    problems,
    hasErrors: () => count.error > 0,
    report(code, message, line) {
      const severity = Object.hasOwn(errorProblems, code) ? "error" : "warning";
      count[severity] += 1;
      if (count[severity] <= KEPT[severity]) problems.push({ severity, code, message, line });
    },
  };
}

function cut(text: string): string {
  return text.length > QUOTE_CHARS ? `${text.slice(0, QUOTE_CHARS)}…` : text;
}

/** Returns text from a descriptor for a message: in quotes and shortened. The printer escapes control characters. */
export function quote(text: string): string {
  return `"${cut(text)}"`;
}

/** Returns the name of an element for a message. */
export function tag(name: string): string {
  return `<${cut(name)}>`;
}

/** Returns problems sorted by line. Those without a line come first. */
export function byLine(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}
