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

/** Largest kickstart that is read, in characters. */
const MAX_CHARACTERS = 1_048_576;

// A document is printed as it is: nothing in it may drive a terminal. And installers end lines at some of these, where we
// do not: what we took for a comment would be a command.
const CONTROL =
  // eslint-disable-next-line no-control-regex -- control characters are what is searched for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufeff]|\r(?!\n)/;

/** Enough to see that a document is none; a hostile one must not fill screens and memory. */
const MAX_PROBLEMS = 500;

/** What a text comes to. */
export interface ParsedKickstart {
  readonly kickstart: Kickstart;
  /** Errors of form: what cannot be read as it was meant. */
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

  constructor(text: string, origin: string) {
    this.origin = origin;
    this.lines = (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((each, index) => ({
      line: index + 1,
      text: each,
    }));
  }

  error(code: string, message: string, line: number | undefined): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    this.problems.push({ severity: "error", code, message, line, origin: this.origin });
  }

  /** Splits a line; one that cannot be split is a problem and has no words. */
  words({ line, text }: Line): SectionItem["words"] {
    const split = splitWords(text);
    if (split.error !== undefined) this.error("quotes", split.error, line);
    return split.words;
  }

  readAll(): void {
    for (let next = this.lines[this.at]; next !== undefined; next = this.lines[this.at]) {
      this.at++;
      const first = /^\s*(\S*)/.exec(next.text)?.[1] ?? "";
      if (first === "" || first.startsWith("#")) this.items.push({ kind: "blank", ...next });
      else if (first === "%include" || first === "%ksappend") this.readInclude(next, first);
      else if (first === "%end") {
        this.error("end-stray", "%end: no section is open here", next.line);
        this.items.push({ kind: "blank", ...next });
      } else if (first.startsWith("%")) this.readSection(next, first.slice(1));
      else {
        const words = this.words(next);
        this.items.push({ kind: "command", ...next, name: words[0]?.value ?? first, words });
      }
    }
  }

  readInclude(line: Line, directive: IncludeItem["directive"]): void {
    const words = this.words(line);
    if (words.length !== 2) {
      this.error("include-bad", `${directive}: ${words.length - 1} names, expected one`, line.line);
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
      // The head of another section: this one was never closed. Other words with a percent sign are the script's own.
      if (first !== undefined && sectionRow(first.slice(1)) !== undefined) break;
      body.push({ kind: "blank", ...next });
      this.at++;
    }
    if (end === undefined) {
      this.error("end-missing", `%${name}: the section does not end with %end`, head.line);
    }
    this.items.push({ kind: "section", ...head, name, words, body, end });
  }
}

/**
 * Parses a kickstart into its items, comments and blank lines included: rendered again they are the text, byte for byte.
 * Names are not judged here; see `lintKickstart`.
 *
 * @param origin  what messages call the document
 */
export function parseKickstart(text: string, origin: string): ParsedKickstart {
  const parser = new Parser(text.length > MAX_CHARACTERS ? "" : text, origin);
  if (text.length > MAX_CHARACTERS) {
    parser.error(
      "too-large",
      `${text.length} characters, expected at most ${MAX_CHARACTERS}`,
      undefined,
    );
  }
  parser.readAll();
  const control = parser.lines.find((line) => CONTROL.test(line.text));
  if (control !== undefined) {
    const message =
      "a control character, byte order mark or line end of another kind in it, expected UTF-8 text";
    parser.error("not-text", message, control.line);
  }
  return {
    kickstart: { origin, items: parser.items },
    problems: parser.problems,
  };
}
