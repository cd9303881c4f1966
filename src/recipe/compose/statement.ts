import type { KickstartItem, RecipeProblem } from "../kickstart/model.ts";

/**
 * Whose document something stands in: a stock kickstart, which gives way to everybody; the recipe's builder; the site,
 * for all its recipes; the site, for this one.
 */
export type Author = "stock" | "builder" | "site" | "site-recipe";

/** The order in which documents are joined. */
export const authors: readonly Author[] = ["stock", "builder", "site", "site-recipe"];

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

/** Kept of each severity, so that warnings cannot push out an error. */
const MAX_PROBLEMS = 500;

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
    if (this.#count[problem.severity] <= MAX_PROBLEMS) this.problems.push(problem);
  }
}

/** Answers where a statement stands: `site.ks:12`. */
export function placeOf({ origin, item }: Pick<Statement, "item" | "origin">): string {
  return `${origin}:${item.line}`;
}

/** What becomes of two statements that cannot both hold. */
export type Verdict = "first" | "second" | "clash";

/**
 * Answers which of two statements holds: anything goes before a stock kickstart, and what a site says about one recipe
 * before what it says about all. Builder and site cannot overrule each other.
 */
export function judge(
  first: Pick<Statement, "author">,
  second: Pick<Statement, "author">,
): Verdict {
  const a = first.author;
  const b = second.author;
  if (a === b) return "second";
  if (a === "stock") return "second";
  if (b === "stock") return "first";
  if (a === "site" && b === "site-recipe") return "second";
  if (b === "site" && a === "site-recipe") return "first";
  return "clash";
}
