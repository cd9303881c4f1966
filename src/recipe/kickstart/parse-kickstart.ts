import { countOf } from "../../lib/count-of.ts";
import type {
  BlankItem,
  IncludeItem,
  Kickstart,
  KickstartItem,
  RecipeProblem,
  SectionItem,
} from "./model.ts";
import { sectionRow } from "./section-table.ts";
import { splitWords } from "./split-words.ts";

/**
 * Limits for one kickstart. They bound all later work on a document, in which every statement may be compared with
 * every other one.
 */
const MAX_CHARACTERS = 1_048_576;
const MAX_LINES = 50_000;
const MAX_STATEMENTS = 2500;
const MAX_SECTIONS = 500;
/** Maximum number of words in commands and heads. Each item of a comma-separated list counts as a word. */
const MAX_WORDS = 20_000;

/** Maximum length of a command line or a head. Lines of a script may be longer. */
const MAX_LINE_CHARACTERS = 32_768;

// Documents are printed unchanged, so they must not contain terminal control sequences. Installers also end lines at
// some of these characters: for an installer, the rest of a comment would be a command.
const CONTROL =
  // eslint-disable-next-line no-control-regex -- control characters are what is searched for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufeff]|\r(?!\n)/;

/** Maximum number of problems. A malicious document must not fill the memory. */
const MAX_PROBLEMS = 500;

/** A parsed kickstart. */
export interface ParsedKickstart {
  readonly kickstart: Kickstart;
  /** Syntax errors. */
  readonly problems: readonly RecipeProblem[];
}

interface Line {
  readonly line: number;
  readonly text: string;
}

class Parser {
  readonly items: KickstartItem[] = [];
  readonly problems: RecipeProblem[] = [];
  readonly origin: string;
  readonly lines: readonly Line[];
  at = 0;
  readonly #found = { statements: 0, sections: 0, words: 0 };

  constructor(text: string, origin: string) {
    this.origin = origin;
    const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    this.lines = lines.slice(0, MAX_LINES).map((each, index) => ({ line: index + 1, text: each }));
    if (lines.length > MAX_LINES) this.tooMuch(countOf(lines.length, "line"), MAX_LINES, undefined);
  }

  tooMuch(found: string, most: number, line: number | undefined): void {
    this.error("too-large", `${found}, expected at most ${most}`, line);
    // Stop reading.
    this.at = Infinity;
  }

  /** Adds to a count that is limited. Returns whether the count is within its limit. */
  count(what: "statements" | "sections" | "words", by: number, line: number): boolean {
    const most = { statements: MAX_STATEMENTS, sections: MAX_SECTIONS, words: MAX_WORDS }[what];
    this.#found[what] += by;
    if (this.#found[what] <= most) return true;
    this.tooMuch(`more than ${most} ${what}`, most, line);
    return false;
  }

  error(code: string, message: string, line: number | undefined): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    this.problems.push({ severity: "error", code, message, line, origin: this.origin });
  }

  /** Splits a line into words. A line that cannot be split is a problem and has no words. */
  words({ line, text }: Line): SectionItem["words"] {
    // A line with control characters has no words; parseKickstart reports the first one.
    if (CONTROL.test(text)) return [];
    if (text.length > MAX_LINE_CHARACTERS) {
      const found = `${countOf(text.length, "character")} in a line, expected at most ${MAX_LINE_CHARACTERS}`;
      this.error("too-large", found, line);
      return [];
    }
    const split = splitWords(text);
    if (split.error !== undefined) this.error("quotes", split.error, line);
    const size = split.words.reduce((sum, { value }) => sum + value.split(",").length, 0);
    return this.count("words", size, line) ? split.words : [];
  }

  readAll(): void {
    for (let next = this.lines[this.at]; next !== undefined; next = this.lines[this.at]) {
      this.at++;
      const first = /^\s*(\S*)/.exec(next.text)?.[1] ?? "";
      if (first === "" || first.startsWith("#")) {
        this.items.push({ kind: "blank", ...next });
        continue;
      }
      const isSection = first.startsWith("%") && !["%include", "%ksappend", "%end"].includes(first);
      if (!this.count(isSection ? "sections" : "statements", 1, next.line)) return;
      if (first === "%include" || first === "%ksappend") this.readInclude(next, first);
      else if (first === "%end") {
        this.error("end-stray", "%end: no section is open here", next.line);
        this.items.push({ kind: "blank", ...next });
      } else if (isSection) this.readSection(next, first.slice(1));
      else {
        const words = this.words(next);
        this.items.push({
          kind: "command",
          ...next,
          name: words[0]?.value ?? first.slice(0, 80),
          words,
        });
      }
    }
  }

  readInclude(line: Line, directive: IncludeItem["directive"]): void {
    const words = this.words(line);
    // words() has reported why there are none.
    if (words.length !== 2 && words.length > 0) {
      this.error(
        "include-bad",
        `${directive}: ${countOf(words.length - 1, "name")}, expected one`,
        line.line,
      );
    }
    this.items.push({ kind: "include", ...line, directive, words });
  }

  readSection(head: Line, name: string): void {
    const words = this.words(head);
    const body: BlankItem[] = [];
    let end: string | undefined;
    for (let next = this.lines[this.at]; next !== undefined; next = this.lines[this.at]) {
      const first = /^\s*(%\S*)/.exec(next.text)?.[1];
      if (first === "%end") {
        end = next.text;
        this.at++;
        break;
      }
      // The head of another section: this one has no %end. Any other word with a percent sign belongs to the body.
      if (first !== undefined && sectionRow(first.slice(1)) !== undefined) break;
      body.push({ kind: "blank", ...next });
      this.at++;
    }
    if (end === undefined && this.at !== Infinity) {
      this.error("end-missing", `%${name}: the section does not end with %end`, head.line);
    }
    this.items.push({ kind: "section", ...head, name, words, body, end });
  }
}

/**
 * Parses a kickstart into items, with comments and blank lines. Rendering the items reproduces the text byte for byte.
 * Names of commands and sections are not checked; see `lintKickstart`.
 *
 * @param origin  name of the document in messages
 */
export function parseKickstart(text: string, origin: string): ParsedKickstart {
  const parser = new Parser(text.length > MAX_CHARACTERS ? "" : text, origin);
  if (text.length > MAX_CHARACTERS) {
    parser.error(
      "too-large",
      `${countOf(text.length, "character")}, expected at most ${MAX_CHARACTERS}`,
      undefined,
    );
  }
  parser.readAll();
  const control = parser.lines.find((line) => CONTROL.test(line.text));
  if (control !== undefined) {
    const message =
      "contains a control character, byte order mark or other kind of line end, expected UTF-8 text";
    parser.error("not-text", message, control.line);
  }
  return {
    kickstart: { origin, items: parser.items },
    problems: parser.problems,
  };
}
