import type { KickstartItem, RecipeProblem } from "../kickstart/model.ts";

/**
 * Who says something: a stock kickstart, which gives way to everybody; the recipe's builder; the site, for all its recipes;
 * the site, for this one. In the recipe's kickstart, what is the site's to say is said by the defaults of the parameters
 * that it asks for, or by the values that the site has given them.
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

/** One item of a document, with where it is from. */
export interface Statement<Item extends KickstartItem = KickstartItem> {
  readonly item: Item;
  readonly author: Author;
  /** Document, as messages name it. */
  readonly origin: string;
  /** The same without the values of secret parameters; undefined when it holds none. */
  readonly masked?: Item | undefined;
}

/** Origin of what was joined from several documents. */
export const JOINED = "of all documents together";

/** Kept of each severity, so that warnings cannot push out an error; and of notes. */
const MAX_PROBLEMS = 500;

/** What a document says is repeated in messages, as far as a person reads. */
const MAX_MESSAGE = 1000;

function shortened(message: string): string {
  return message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message;
}

/** Gathers what is wrong, and what is worth knowing. */
export class Findings {
  readonly problems: RecipeProblem[] = [];
  /** One sentence for each statement that gave way to another. */
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

/** Returns where a statement stands: `site.ks:12`. */
export function placeOf({ origin, item }: Pick<Statement, "item" | "origin">): string {
  return `${origin}:${item.line}`;
}

/** Which of two statements that cannot both hold takes precedence; `clash`: neither does. */
export type Precedence = "first" | "second" | "clash";

/**
 * Returns which of two statements holds: anything goes before a stock kickstart, and what a site says about one recipe
 * before what it says about all; both before a parameter's default. Builder and site cannot overrule each other, and a
 * site that gives a parameter a value cannot say the same thing in a document of its own.
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

/** Returns whether the first of two statements that say the same gives way to the second, so that the second is kept. */
export function yieldsTo(
  first: Pick<Statement, "author">,
  second: Pick<Statement, "author">,
): boolean {
  return first.author !== second.author && precedenceOf(first, second) === "second";
}
