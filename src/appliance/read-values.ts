import { type Findings, quote } from "./findings.ts";

/** Place of a value, for messages. */
export interface ValuePlace {
  /** Subject of the message: `memory`, `disk "root.img"`. */
  readonly what: string;
  readonly line: number | undefined;
  readonly findings: Findings;
}

/** Returns text on one line, with single spaces and trimmed. */
export function normalSpace(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/**
 * Returns a whole number; the validator checks its range. Returns undefined, with a problem, for other text and for
 * numbers so long that they could become infinite.
 */
export function readInteger(text: string, place: ValuePlace): number | undefined {
  if (/^[+-]?0*[0-9]{1,30}$/.test(text)) return Number(text);
  const most = /^[+-]?[0-9]+$/.test(text) ? " of at most 30 digits" : "";
  place.findings.report(
    "number-invalid",
    `${place.what}: ${quote(text)}, expected a whole number${most}`,
    place.line,
  );
  return undefined;
}

/**
 * Returns a path without superfluous parts. It may still be unsafe: the validator checks that. A path that the
 * validator refuses is returned unchanged.
 */
export function readPath(text: string, place: ValuePlace): string {
  const parts = text.split("/").filter((part) => part !== "" && part !== ".");
  const path = `${text.startsWith("/") ? "/" : ""}${parts.join("/")}`;
  if (path === text || parts.length === 0) return text;
  place.findings.report(
    "path-not-canonical",
    `${place.what}: path ${quote(text)}, expected ${quote(path)}`,
    place.line,
  );
  return path;
}
