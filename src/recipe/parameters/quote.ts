import type { ParameterValue } from "./model.ts";

/** Quotes a value as one word of POSIX shell, in which nothing is expanded. Throws on NUL: no word can contain it. */
export function quoteShell(value: ParameterValue): string {
  const text = String(value);
  if (text.includes("\0")) throw new TypeError("a shell word cannot hold a NUL character");
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Name of the shell variable that contains a line end; see {@link quoteShellOnOneLine}. */
export const NEWLINE_VARIABLE = "va_newline";

/**
 * Quotes a value as one word of POSIX shell without a line end, for scripts in a kickstart. There, a line that begins
 * with `%end` ends the script, even inside quotes. The variable `va_newline` must contain a line end.
 */
export function quoteShellOnOneLine(value: ParameterValue): string {
  return quoteShell(value).replaceAll("\n", `'"$${NEWLINE_VARIABLE}"'`);
}

function escapeYaml(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '"' || character === "\\") return `\\${character}`;
  if (character === "\n") return "\\n";
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

/** Returns a value as a YAML scalar on one line. It has the same type in YAML 1.1 and 1.2. */
export function quoteYaml(value: ParameterValue): string {
  if (typeof value !== "string") return String(value);
  return `"${value.replace(/[^ !#-[\]-~]/gu, escapeYaml)}"`;
}

/** Returns a value as a YAML scalar for Hiera, in which `%{…}` is escaped and not interpolated. */
export function quoteHiera(value: ParameterValue): string {
  if (typeof value !== "string") return String(value);
  return quoteYaml(value.replaceAll("%{", "%{literal('%')}{"));
}

/** Returns a value as an expression of Puppet's language. A string is in single quotes, so nothing is expanded. */
export function quotePuppet(value: ParameterValue): string {
  if (typeof value !== "string") return String(value);
  return `'${value.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}
