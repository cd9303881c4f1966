import type { Problem } from "../../appliance/index.ts";

/** One problem, and the document that contains it. */
export interface RecipeProblem extends Problem {
  /** Name of the document in messages: a file, or a place such as `--set`. */
  readonly origin: string;
}

/** One word of a line, with its position. */
export interface Word {
  /** Text of the word, with quotes and escapes resolved. */
  readonly value: string;
  /** Offset in the line of the first character, and of the one after the last. */
  readonly start: number;
  readonly end: number;
}

interface ItemBase {
  /** Line number, 1-based. */
  readonly line: number;
  /** Exact text in the document, with the line end. */
  readonly text: string;
}

/** A blank line or a comment. */
export interface BlankItem extends ItemBase {
  readonly kind: "blank";
}

/** A command with its arguments. It is always one line. */
export interface CommandItem extends ItemBase {
  readonly kind: "command";
  readonly name: string;
  /** Words of the line, the name first; empty if the line cannot be split, for example at an unclosed quote. */
  readonly words: readonly Word[];
}

/** A line that includes another document. */
export interface IncludeItem extends ItemBase {
  readonly kind: "include";
  readonly directive: "%include" | "%ksappend";
  readonly words: readonly Word[];
}

/** A section: packages, a script or an add-on's data. */
export interface SectionItem extends ItemBase {
  readonly kind: "section";
  /** Name without the percent sign: `packages`, `post`. */
  readonly name: string;
  /** Words of the head line, the section's name first. */
  readonly words: readonly Word[];
  /** Unchanged lines between head and end. */
  readonly body: readonly BlankItem[];
  /** The `%end` line; undefined when it is missing. */
  readonly end: string | undefined;
}

/** One element of a kickstart. */
export type KickstartItem = BlankItem | CommandItem | IncludeItem | SectionItem;

/** A kickstart document. Rendering it reproduces the text byte for byte. */
export interface Kickstart {
  readonly origin: string;
  readonly items: readonly KickstartItem[];
}

/** Release whose installer reads a kickstart: `F40`, `RHEL9`. */
export interface Release {
  readonly family: "F" | "RHEL";
  readonly number: number;
}
