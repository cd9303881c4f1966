import type { Findings } from "./findings.ts";
import { quote } from "./findings.ts";

/** Where a value stands, for messages. */
export interface ValuePlace {
  /** Subject of the message: `memory`, `disk "root.img"`. */
  readonly what: string;
  readonly line: number | undefined;
  readonly findings: Findings;
}

/** Returns text on one line: white space of any length is one space, none at the ends. */
export function normalSpace(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/**
 * Returns a whole number, negative ones and ones beyond all bounds too: whether it is in range is the validator's to
 * say. Undefined, with a problem, for anything else.
 */
export function readInteger(text: string, place: ValuePlace): number | undefined {
  if (/^[+-]?[0-9]+$/.test(text)) return Number(text);
  place.findings.report(
    "number-invalid",
    `${place.what}: ${quote(text)}, expected a whole number`,
    place.line,
  );
  return undefined;
}

/**
 * Returns a path without superfluous parts. It may still be unsafe: the validator says so, and a path that
 * it refuses is left as it stands.
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
