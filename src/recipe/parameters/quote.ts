import type { ParameterValue } from "./model.ts";

/** Returns a value as one word of POSIX shell: nothing in it is expanded. NUL, which shell cannot hold, is refused. */
export function quoteShell(value: ParameterValue): string {
  const text = String(value);
  if (text.includes("\0")) throw new TypeError("a shell word cannot hold a NUL character");
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Name of the shell variable that stands for a line end; see {@link quoteShellOnOneLine}. */
export const NEWLINE_VARIABLE = "va_newline";

/**
 * Returns a value as one word of POSIX shell without a line end in it, for scripts in a kickstart: there a line that
 * begins with `%end` ends the script, whatever quotes it stands in. `va_newline` must hold a line end.
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

/** Returns a value as a YAML scalar on one line, of the same type for YAML 1.1 and 1.2. */
export function quoteYaml(value: ParameterValue): string {
  if (typeof value !== "string") return String(value);
  return `"${value.replace(/[^ !#-[\]-~]/gu, escapeYaml)}"`;
}

/** Returns a value as Hiera data: YAML in which `%{…}` is no interpolation. */
export function quoteHiera(value: ParameterValue): string {
  if (typeof value !== "string") return String(value);
  return quoteYaml(value.replaceAll("%{", "%{literal('%')}{"));
}

/** Returns a value as an expression of Puppet's language: a string in single quotes expands nothing. */
export function quotePuppet(value: ParameterValue): string {
  if (typeof value !== "string") return String(value);
  return `'${value.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}
