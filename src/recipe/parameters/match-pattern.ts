import { createContext, runInContext } from "node:vm";
import { countOf } from "../../lib/count-of.ts";

/** Maximum length of a pattern, and of a value, in characters. */
export const MAX_PATTERN = 200;
export const MAX_VALUE = 4096;

/** Time limit for one match. An ordinary match takes microseconds; one with excessive backtracking is stopped. */
const TIME_LIMIT_MS = 200;

/** Time limit for all matches of a recipe together. Ordinary patterns take far less than a thousandth of it. */
const BUDGET_MS = 500;

/** Returns the reason why a text is not a regular expression; undefined if it is one. */
export function patternFault(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN) {
    return `${countOf(pattern.length, "character")}, expected at most ${MAX_PATTERN}`;
  }
  try {
    // Checked alone first: in the wrapped form, a pattern with an unmatched `)` would not match the whole value.
    RegExp(pattern, "u");
    RegExp(`^(?:${pattern})$`, "u");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Result of a match; `too-slow` if it exceeds the time limit, or needs too much code or stack. */
export type Match = boolean | "too-slow";

/** Matches values against patterns within a time limit: a bad pattern in an untrusted recipe must not hang the host. */
export class PatternMatcher {
  readonly #scope = createContext({ source: "", value: "" });
  readonly #known = new Map<string, Match>();
  #leftMs = BUDGET_MS;

  /** Returns whether a whole value matches a pattern. The time of all matches together is limited. */
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
      // The match timed out, or it needs too much code or stack.
      return "too-slow";
    } finally {
      this.#leftMs -= performance.now() - start;
    }
  }
}
