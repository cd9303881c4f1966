import type { Word } from "./model.ts";

/** The words of a line, or the reason why it cannot be split. */
export type SplitLine =
  | { readonly words: readonly Word[]; readonly error: undefined }
  | { readonly words: readonly []; readonly error: string };

const SPACE = " \t\r\n";

/** Maximum number of words in one line. */
const MAX_WORDS = 4000;

/** Returns the value of a quoted run and the offset after it, or undefined if the quote is not closed. */
function readQuoted(
  line: string,
  start: number,
): { readonly value: string; readonly end: number } | undefined {
  const quote = line[start];
  let value = "";
  for (let at = start + 1; at < line.length; at++) {
    const character = line[at] ?? "";
    if (character === quote) return { value, end: at + 1 };
    const next = line[at + 1];
    // A backslash escapes only in double quotes, and only a double quote or a backslash.
    if (quote === '"' && character === "\\" && (next === '"' || next === "\\")) {
      value += next;
      at++;
    } else value += character;
  }
  return undefined;
}

/**
 * Splits a line into words as the installer does, with Python's `shlex.split` and comments. A `#` outside of quotes
 * starts a comment, even in the middle of a word.
 *
 * @see pykickstart, parser.py, KickstartParser._stateMachine
 */
export function splitWords(line: string): SplitLine {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (words.length > MAX_WORDS) {
      return { words: [], error: `more than ${MAX_WORDS} words, expected those of one command` };
    }
    if (SPACE.includes(line[at] ?? "")) {
      at++;
      continue;
    }
    if (line[at] === "#") break;
    const start = at;
    let value = "";
    for (; at < line.length && !SPACE.includes(line[at] ?? "") && line[at] !== "#";) {
      const character = line[at] ?? "";
      if (character === "'" || character === '"') {
        const quoted = readQuoted(line, at);
        if (quoted === undefined) return { words: [], error: `a ${character} is not closed` };
        value += quoted.value;
        at = quoted.end;
      } else if (character === "\\") {
        const next = line[at + 1] ?? "\n";
        // Python would add the line end to the word, but quoteKickstart cannot write one.
        if (next === "\n" || next === "\r") {
          return { words: [], error: "a backslash at the end of the line does not join lines" };
        }
        value += next;
        at += 2;
      } else {
        value += character;
        at++;
      }
    }
    words.push({ value, start, end: at });
  }
  return { words, error: undefined };
}

/** Words that need no quotes, as in Python's `shlex.quote`. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * Returns text as one word of a kickstart line, quoted if necessary.
 *
 * @throws TypeError if the text contains a line end or NUL; the installer reads line by line, so quotes do not help
 */
export function quoteKickstart(value: string): string {
  if (/[\r\n\0]/.test(value)) throw new TypeError("a kickstart word cannot hold a line end");
  if (PLAIN.test(value)) return value;
  return `'${value.replaceAll("'", `'"'"'`)}'`;
}

/** Replaces some words of a line and keeps everything else. */
export function replaceWords(line: string, replacements: ReadonlyMap<Word, string>): string {
  const parts: string[] = [];
  let at = 0;
  for (const [word, value] of [...replacements].sort(([a], [b]) => a.start - b.start)) {
    parts.push(line.slice(at, word.start), quoteKickstart(value));
    at = word.end;
  }
  return [...parts, line.slice(at)].join("");
}
