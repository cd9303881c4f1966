import {
  Composer,
  type CST,
  type Document,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
} from "yaml";
import { countOf } from "../../lib/count-of.ts";
import type { RecipeProblem } from "../kickstart/model.ts";

/** Maximum length of a YAML document, in characters. */
const MAX_CHARACTERS = 262_144;

/** Maximum depth of nesting. The documents of recipes need three levels. */
const MAX_DEPTH = 32;

/** Maximum number of lexemes in a document: words, punctuation, line ends. */
const MAX_LEXEMES = 25_000;

/** Maximum number of problems that are reported. */
const MAX_PROBLEMS = 100;

/** A YAML value with its line number. */
export type YamlValue =
  | { readonly kind: "scalar"; readonly value: unknown; readonly line: number }
  | { readonly kind: "list"; readonly items: readonly YamlValue[]; readonly line: number }
  | { readonly kind: "map"; readonly entries: readonly YamlEntry[]; readonly line: number };

/** One key of a map with its value. */
export interface YamlEntry {
  readonly key: string;
  readonly line: number;
  readonly value: YamlValue;
}

/** A parsed YAML text. The value is undefined if the text is empty or has errors. */
export interface YamlText {
  readonly value: YamlValue | undefined;
  readonly problems: readonly RecipeProblem[];
}

class Reader {
  readonly problems: RecipeProblem[] = [];
  readonly lines: LineCounter = new LineCounter();
  readonly origin: string;

  constructor(origin: string) {
    this.origin = origin;
  }

  error(code: string, message: string, line: number | undefined): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    this.problems.push({ severity: "error", code, message, line, origin: this.origin });
  }

  lineOf(node: Node): number {
    return this.lines.linePos(node.range?.[0] ?? 0).line;
  }

  read(node: unknown, fallbackLine: number, depth: number): YamlValue {
    if (isScalar(node)) return { kind: "scalar", value: node.value, line: this.lineOf(node) };
    if (depth > MAX_DEPTH) {
      this.error("yaml-deep", `more than ${MAX_DEPTH} levels, expected fewer`, fallbackLine);
    } else if (isSeq(node)) {
      const line = this.lineOf(node);
      const items = node.items.map((item) => this.read(item, line, depth + 1));
      return { kind: "list", line, items };
    } else if (isMap(node)) {
      const line = this.lineOf(node);
      const names = new Set<string>();
      const entries = node.items.map((pair): YamlEntry => {
        const key = this.read(pair.key, line, depth + 1);
        if (key.kind !== "scalar" || typeof key.value !== "string") {
          this.error("yaml-key", "a key that is not text", key.line);
        }
        const name = key.kind === "scalar" ? String(key.value) : "";
        if (names.has(name)) this.error("yaml", "Map keys must be unique", key.line);
        names.add(name);
        return { key: name, line: key.line, value: this.read(pair.value, key.line, depth + 1) };
      });
      return { kind: "map", line, entries };
    } else if (node !== null && node !== undefined) {
      this.error("yaml-alias", "an alias (*name), expected the value itself", fallbackLine);
    }
    return { kind: "scalar", value: null, line: fallbackLine };
  }
}

/** Returns the tokens of a text. If it exceeds `MAX_LEXEMES` or `MAX_DEPTH`, reports that and returns undefined. */
function readTokens(text: string, reader: Reader): readonly CST.Token[] | undefined {
  const parser = new Parser(reader.lines.addNewLine);
  reader.lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    count++;
    // The composer recurses into each level and could overflow the stack.
    const isDeep = parser.stack.length > 4 * MAX_DEPTH;
    if (!isDeep && count <= MAX_LEXEMES) continue;
    if (isDeep) reader.error("yaml-deep", `more than ${MAX_DEPTH} levels, expected fewer`, 1);
    else reader.error("too-large", `more than ${MAX_LEXEMES} words, expected fewer`, undefined);
    return undefined;
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

/** Returns the single document of a text. The reader reports repeated keys, because the composer's check is slow. */
function compose(text: string, reader: Reader): Document.Parsed | undefined {
  const tokens = readTokens(text, reader);
  if (tokens === undefined) return undefined;
  const composer = new Composer({
    strict: true,
    uniqueKeys: false,
    version: "1.2",
    schema: "core",
    merge: false,
    resolveKnownTags: false,
    logLevel: "error",
  });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  if (second !== undefined) {
    const { line } = reader.lines.linePos(second.range[0]);
    reader.error("yaml", "more than one document, expected one", line);
  }
  return document;
}

/**
 * Parses YAML 1.2 strictly: one document, without aliases, tags, merge keys and repeated keys. Nothing is evaluated.
 *
 * @param origin  name of the text in messages
 */
export function parseYaml(text: string, origin: string): YamlText {
  const reader = new Reader(origin);
  if (text.length > MAX_CHARACTERS) {
    const found = `${countOf(text.length, "character")}, expected at most ${MAX_CHARACTERS}`;
    reader.error("too-large", found, undefined);
    return { value: undefined, problems: reader.problems };
  }
  const document = compose(text, reader);
  if (document === undefined) return { value: undefined, problems: reader.problems };
  for (const { message, pos } of [...document.errors, ...document.warnings]) {
    reader.error("yaml", message, reader.lines.linePos(pos[0]).line);
  }
  if (document.contents === null) return { value: undefined, problems: reader.problems };
  const value = reader.read(document.contents, 1, 0);
  const failed = reader.problems.length > 0;
  return { value: failed ? undefined : value, problems: reader.problems };
}

/**
 * Parses YAML 1.1 as Ruby's parser does, with aliases and merge keys, to check whether a text is YAML at all.
 *
 * @returns the root node, which is null for an empty text or one that exceeds the limits, or the first fault
 */
export function parseLooseYaml(text: string): {
  readonly contents: Node | null;
  readonly fault: string | undefined;
} {
  const reader = new Reader("data");
  const tokens = readTokens(text, reader);
  // A text that exceeds the limits may still be YAML.
  if (tokens === undefined) return { contents: null, fault: undefined };
  const composer = new Composer({
    strict: false,
    uniqueKeys: false,
    version: "1.1",
    merge: true,
    logLevel: "error",
  });
  const [document] = composer.compose(tokens, true, text.length);
  const error = document?.errors[0];
  if (error === undefined) return { contents: document?.contents ?? null, fault: undefined };
  const { line } = reader.lines.linePos(error.pos[0]);
  return { contents: null, fault: `line ${line}: ${error.message.slice(0, 200)}` };
}
