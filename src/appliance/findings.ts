import { errorProblems } from "./problem-codes.ts";
import type { ProblemCode } from "./problem-codes.ts";
import type { Problem } from "./model.ts";

/** Longest piece of the descriptor that a message repeats. */
const QUOTE_CHARS = 80;

/** Most problems kept of each severity: a hostile document must not fill screens and memory. */
const KEPT = { warning: 500, error: 500 } as const;

/** Gathers problems; everything is found before anything is refused. */
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

/** Returns text from a descriptor as a message shows it: in quotes, cut, control characters left to the printer. */
export function quote(text: string): string {
  return `"${cut(text)}"`;
}

/** Returns the name of an element as a message shows it. */
export function tag(name: string): string {
  return `<${cut(name)}>`;
}

/** Returns problems in the order of their lines; those without a place come first. */
export function byLine(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}
