import type { KickstartItem, RecipeProblem } from "../kickstart/model.ts";

/**
 * Author of a statement:
 *
 * - `stock`: a stock kickstart, which every other author overrides
 * - `builder`: the recipe's builder
 * - `default` and `given`: a command in the recipe's kickstart that only the site may set, with values from parameters;
 *   `default` if all of them have their defaults, `given` if the site set at least one
 * - `site`: the site, for all its recipes
 * - `site-recipe`: the site, for this recipe
 */
export type Author = "stock" | "builder" | "default" | "given" | "site" | "site-recipe";

/** The order in which documents are joined. */
const order: Readonly<Record<Author, number>> = {
  stock: 0,
  builder: 1,
  default: 1,
  given: 1,
  site: 2,
  "site-recipe": 3,
};

/** Compares statements by the order in which documents are joined. */
export function compareDocuments(
  a: Pick<Statement, "author">,
  b: Pick<Statement, "author">,
): number {
  return order[a.author] - order[b.author];
}

/** One item of a document, with its origin. */
export interface Statement<Item extends KickstartItem = KickstartItem> {
  readonly item: Item;
  readonly author: Author;
  /** Name of the document in messages. */
  readonly origin: string;
  /** The item with the values of secret parameters masked; undefined if it contains none. */
  readonly masked?: Item | undefined;
}

/** Origin of a statement that was joined from several documents. */
export const JOINED = "of all documents together";

/** Maximum number of errors, of warnings and of notes. They are counted separately: warnings displace no errors. */
const MAX_PROBLEMS = 500;

/** Maximum length of a message, which may quote a document. */
const MAX_MESSAGE = 1000;

function shortened(message: string): string {
  return message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message;
}

/** Collects problems and notes. */
export class Findings {
  readonly problems: RecipeProblem[] = [];
  /** One sentence for each statement that is overridden by another. */
  readonly notes: string[] = [];
  readonly #count = { error: 0, warning: 0 };

  report(
    severity: "error" | "warning",
    code: string,
    message: string,
    at: Pick<Statement, "item" | "origin">,
  ): void {
    this.add({ severity, code, message, line: at.item.line, origin: at.origin });
  }

  add(problem: RecipeProblem): void {
    this.#count[problem.severity] += 1;
    if (this.#count[problem.severity] > MAX_PROBLEMS) return;
    this.problems.push({ ...problem, message: shortened(problem.message) });
  }

  note(text: string): void {
    if (this.notes.length < MAX_PROBLEMS) this.notes.push(shortened(text));
  }
}

/** Returns the file and line of a statement: `site.ks:12`. */
export function placeOf({ origin, item }: Pick<Statement, "item" | "origin">): string {
  return `${origin}:${item.line}`;
}

/** Which of two contradicting statements takes precedence; `clash`: neither. */
export type Precedence = "first" | "second" | "clash";

/**
 * Returns which of two contradicting statements takes precedence. Every other author overrides a stock kickstart. The
 * site's kickstart for one recipe overrides its kickstart for all recipes. Both override a parameter's default. Of two
 * statements with the same author, the second takes precedence. All others clash: builder and site cannot override each
 * other, and a site cannot set a parameter and contradict it in its own kickstart.
 */
export function precedenceOf(
  first: Pick<Statement, "author">,
  second: Pick<Statement, "author">,
): Precedence {
  const a = first.author;
  const b = second.author;
  if (a === b) return "second";
  if (a === "stock") return "second";
  if (b === "stock") return "first";
  const isDocument = (author: Author): boolean => author === "site" || author === "site-recipe";
  if (a === "site" && b === "site-recipe") return "second";
  if (b === "site" && a === "site-recipe") return "first";
  if (a === "default" && isDocument(b)) return "second";
  if (b === "default" && isDocument(a)) return "first";
  return "clash";
}

/** Returns whether the second of two equal statements replaces the first, because its author takes precedence. */
export function yieldsTo(
  first: Pick<Statement, "author">,
  second: Pick<Statement, "author">,
): boolean {
  return first.author !== second.author && precedenceOf(first, second) === "second";
}
