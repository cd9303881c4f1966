import type { Word } from "./model.ts";

/** What a line comes to: words, or why it has none. */
export type SplitLine =
  | { readonly words: readonly Word[]; readonly error: undefined }
  | { readonly words: readonly []; readonly error: string };

const SPACE = " \t\r\n";

/** Most words of one line. */
const MAX_WORDS = 4000;

/** Returns the offset behind a quoted run and its value, or undefined when it is not closed. */
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
    // Only double quotes know escapes, and only of themselves and of the escape character.
    if (quote === '"' && character === "\\" && (next === '"' || next === "\\")) {
      value += next;
      at++;
    } else value += character;
  }
  return undefined;
}

/**
 * Splits a line into words as the installer does: Python's `shlex.split` with comments, in which a `#` outside of quotes
 * ends the line even in the middle of a word.
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
        // Python would put the line end into the word, and nothing of ours could write it back.
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

/** Characters that a word may hold without quotes: those of Python's `shlex.quote`. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * Returns text as one word of a kickstart line, quoted where it needs to be.
 *
 * @throws TypeError when it holds a line end: the installer reads line by line, so no quoting can hold one
 */
export function quoteKickstart(value: string): string {
  if (/[\r\n\0]/.test(value)) throw new TypeError("a kickstart word cannot hold a line end");
  if (PLAIN.test(value)) return value;
  return `'${value.replaceAll("'", `'"'"'`)}'`;
}

/** Returns a line with some of its words replaced by others, everything else as it was. */
export function replaceWords(line: string, replacements: ReadonlyMap<Word, string>): string {
  const parts: string[] = [];
  let at = 0;
  for (const [word, value] of [...replacements].sort(([a], [b]) => a.start - b.start)) {
    parts.push(line.slice(at, word.start), quoteKickstart(value));
    at = word.end;
  }
  return [...parts, line.slice(at)].join("");
}
