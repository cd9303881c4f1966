import { createContext, runInContext } from "node:vm";

/** Longest pattern, and longest value that is held against one, in characters. */
export const MAX_PATTERN = 200;
export const MAX_VALUE = 4096;

/** An honest pattern takes microseconds; one that backtracks without end is stopped. */
const TIME_LIMIT_MS = 200;

/** Answers why a text is no regular expression, or undefined when it is one. */
export function patternFault(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN) {
    return `${pattern.length} characters, expected at most ${MAX_PATTERN}`;
  }
  try {
    RegExp(`^(?:${pattern})$`, "u");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Answers whether a whole value matches a pattern, or `too-slow` when the pattern backtracks without end: recipes come
 * from elsewhere, and a bad expression must not hang the host.
 */
export function matchPattern(pattern: string, value: string): boolean | "too-slow" {
  const scope = createContext({ source: `^(?:${pattern})$`, value });
  try {
    return (
      runInContext("RegExp(source, 'u').test(value)", scope, { timeout: TIME_LIMIT_MS }) === true
    );
  } catch (error) {
    // Made in the other realm, so it is no instance of our Error.
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
    if (code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return "too-slow";
    throw error;
  }
}
