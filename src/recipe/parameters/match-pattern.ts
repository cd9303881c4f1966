import { createContext, runInContext } from "node:vm";
import { countOf } from "../../lib/count-of.ts";

/** Longest pattern, and longest value that is held against one, in characters. */
export const MAX_PATTERN = 200;
export const MAX_VALUE = 4096;

/** An honest pattern takes microseconds; one that backtracks without end is stopped. */
const TIME_LIMIT_MS = 200;

/** Most that all patterns of a recipe may take together; honest ones are far below one of its thousandths. */
const BUDGET_MS = 500;

/** Returns why a text is not a regular expression, or undefined when it is one. */
export function patternFault(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN) {
    return `${countOf(pattern.length, "character")}, expected at most ${MAX_PATTERN}`;
  }
  try {
    // By itself first: one that closes a group which it has not opened would not be held against the whole value.
    RegExp(pattern, "u");
    RegExp(`^(?:${pattern})$`, "u");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What became of holding a value against a pattern: `too-slow` when it backtracks without end, or is too large. */
export type Match = boolean | "too-slow";

/** Holds values against patterns: recipes come from elsewhere, and a bad expression must not hang the host. */
export class PatternMatcher {
  readonly #scope = createContext({ source: "", value: "" });
  readonly #known = new Map<string, Match>();
  #leftMs = BUDGET_MS;

  /** Returns whether a whole value matches a pattern. What all questions take together is bounded. */
  matches(pattern: string, value: string): Match {
    const key = JSON.stringify([pattern, value]);
    const found = this.#known.get(key) ?? this.#ask(pattern, value);
    this.#known.set(key, found);
    return found;
  }

  #ask(pattern: string, value: string): Match {
    const timeout = Math.floor(Math.min(this.#leftMs, TIME_LIMIT_MS));
    if (timeout < 1) return "too-slow";
    const scope = this.#scope;
    scope["source"] = `^(?:${pattern})$`;
    scope["value"] = value;
    const start = performance.now();
    try {
      return runInContext("RegExp(source, 'u').test(value)", scope, { timeout }) === true;
    } catch {
      // Its time is over, or it comes to more code or stack than the machine takes.
      return "too-slow";
    } finally {
      this.#leftMs -= performance.now() - start;
    }
  }
}
