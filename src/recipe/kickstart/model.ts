import type { Problem } from "../../appliance/index.ts";

/** One finding, and the document that it is about. */
export interface RecipeProblem extends Problem {
  /** File, or place such as `--set`, as messages name it. */
  readonly origin: string;
}

/** One word of a line: what it means, and where it stands. */
export interface Word {
  /** Quotes and escapes resolved. */
  readonly value: string;
  /** Offsets in the line: the first character, and the one behind the last. */
  readonly start: number;
  readonly end: number;
}

interface ItemBase {
  /** 1-based. */
  readonly line: number;
  /** As it stands in the document, line end included. */
  readonly text: string;
}

/** A blank line or a comment. */
export interface BlankItem extends ItemBase {
  readonly kind: "blank";
}

/** A command with its arguments, which is always one line. */
export interface CommandItem extends ItemBase {
  readonly kind: "command";
  readonly name: string;
  /** The name comes first; empty when the line's quotes are not closed. */
  readonly words: readonly Word[];
}

/** A line that asks for another document. */
export interface IncludeItem extends ItemBase {
  readonly kind: "include";
  readonly directive: "%include" | "%ksappend";
  readonly words: readonly Word[];
}

/** A section: packages, a script, an add-on's data. */
export interface SectionItem extends ItemBase {
  readonly kind: "section";
  /** Without the percent sign: `packages`, `post`. */
  readonly name: string;
  /** Of the head line, the section's name first. */
  readonly words: readonly Word[];
  /** Lines between head and end, as they stand. */
  readonly body: readonly BlankItem[];
  /** The `%end` line; undefined when it is missing. */
  readonly end: string | undefined;
}

/** One element of a kickstart, at its place. */
export type KickstartItem = BlankItem | CommandItem | IncludeItem | SectionItem;

/** A kickstart document: rendered again it is the same, byte for byte. */
export interface Kickstart {
  readonly origin: string;
  readonly items: readonly KickstartItem[];
}

/** Release whose installer reads a kickstart: `F40`, `RHEL9`. */
export interface Release {
  readonly family: "F" | "RHEL";
  readonly number: number;
}
