import { commandRow } from "../kickstart/command-table.ts";
import type {
  BlankItem,
  CommandItem,
  KickstartItem,
  SectionItem,
  Word,
} from "../kickstart/model.ts";
import { sectionRow } from "../kickstart/section-table.ts";
import { readArguments, optionValue } from "../kickstart/read-options.ts";
import { replaceWords, splitWords } from "../kickstart/split-words.ts";
import type { ParameterValue, RecipeParameter, ResolvedParameter } from "../parameters/model.ts";
import { NEWLINE_VARIABLE, quoteShellOnOneLine } from "../parameters/quote.ts";
import { Findings, type Statement } from "./statement.ts";

/** Text that replaces a secret in masked output. */
export const MASK = "********";

/** A recipe's parameters: all declared ones, and those that have a value. */
export interface ParameterValues {
  readonly declared: readonly RecipeParameter[];
  readonly values: readonly ResolvedParameter[];
}

const PLACEHOLDER = /@@([a-z][a-z0-9_]*)@@/g;

/** Interpreters that read POSIX shell assignments. */
const SHELL = /(^|\/)(sh|bash|dash|ksh|mksh|zsh)$/;

/** Name of a package, a pattern of names, or the name of a group without its `@`. */
const PACKAGE = /^[A-Za-z0-9][A-Za-z0-9._+:~^*-]*$/;

class Filler {
  readonly parameters: ParameterValues;
  readonly findings: Findings;
  readonly statement: Statement;
  /** Whether the item contains a secret. */
  usedSecret = false;

  constructor(parameters: ParameterValues, findings: Findings, statement: Statement) {
    this.parameters = parameters;
    this.findings = findings;
    this.statement = statement;
  }

  error(code: string, message: string, line = this.statement.item.line): void {
    const { origin } = this.statement;
    this.findings.add({ severity: "error", code, message, line, origin });
  }

  valueOf(name: string, line?: number): ParameterValue | undefined {
    const found = this.parameters.values.find(({ parameter }) => parameter.name === name);
    if (found !== undefined) {
      if (found.parameter.secret) this.usedSecret = true;
      return found.value;
    }
    const declared = this.parameters.declared.find((parameter) => parameter.name === name);
    if (declared === undefined) {
      this.error("placeholder-unknown", `@@${name}@@: the recipe has no such parameter`, line);
    } else if (!declared.required) {
      const message = `@@${name}@@: the parameter is optional and has no default`;
      this.error("placeholder-empty", message, line);
    }
    return undefined;
  }

  isSecret(name: string): boolean {
    const { declared } = this.parameters;
    return declared.some((parameter) => parameter.name === name && parameter.secret);
  }

  /**
   * Fills the placeholders of a text. A value that contains a line end is an error: it would start a new line.
   *
   * @param rule.begins  special characters that the filled text must not begin with, unless the text itself does; they
   * may come from several values, since a value may be empty
   * @param rule.may  returns why a value is not allowed, or undefined
   */
  fill(text: string, rule: FillRule, line?: number): string {
    const filled = text.replace(PLACEHOLDER, (whole: string, name: string) => {
      const value = this.valueOf(name, line);
      if (value === undefined) return whole;
      const why = /[\r\n]/.test(String(value))
        ? "contains a line end, which a kickstart line cannot contain"
        : rule.may?.(String(value));
      if (why === undefined) return String(value);
      this.error("value-unusable", `@@${name}@@: its value ${why}`, line);
      return whole;
    });
    const meaning = rule.begins.exec(filled);
    if (meaning === null || rule.begins.test(text)) return filled;
    const why = `begins with "${meaning[0].trim()}", which has a special meaning there`;
    this.error("value-unusable", `${text.trim()}: its value ${why}`, line);
    return text;
  }
}

/** Limits for the values in a text; see `Filler.fill`. */
interface FillRule {
  readonly begins: RegExp;
  readonly may?: (value: string) => string | undefined;
}

/** A word that begins with one of these is an option, a section or a comment. */
const WORD: FillRule = { begins: /^[-%#]/ };

/** A line that begins with `%` may end the section, even after white space. */
// eslint-disable-next-line no-control-regex -- white space to an installer
const LINE: FillRule = { begins: /^[\s\u001c-\u001f\u0085]*%/ };

const PACKAGE_LINE: FillRule = {
  ...LINE,
  may: (value) => (PACKAGE.test(value) ? undefined : "is not a package name"),
};

function maskWith(value: string, filler: Filler): string {
  return value.replace(PLACEHOLDER, (whole: string, name: string) =>
    filler.isSecret(name) ? MASK : whole,
  );
}

/** Fills the words of a line. A parameter in the first word, the name of the command, is an error. */
function fillWords(text: string, words: readonly Word[], filler: Filler, masked: boolean): string {
  const replacements = new Map<Word, string>();
  for (const [index, word] of words.entries()) {
    if (!word.value.includes("@@")) continue;
    const wanted = masked ? maskWith(word.value, filler) : word.value;
    if (index === 0 && wanted.match(PLACEHOLDER) !== null) {
      filler.error(
        "placeholder-place",
        `${word.value}: a parameter cannot be the name of a command`,
      );
    }
    const value = index === 0 ? wanted : filler.fill(wanted, WORD);
    if (value !== word.value) replacements.set(word, value);
  }
  return replaceWords(text, replacements);
}

function fillCommand(item: CommandItem, filler: Filler, masked: boolean): CommandItem {
  const text = fillWords(item.text, item.words, filler, masked);
  if (text === item.text) return item;
  return { ...item, text, words: splitWords(text).words };
}

/** Fills the lines of a `%packages` section, or of an add-on's data. */
function fillLines(item: SectionItem, filler: Filler): readonly BlankItem[] {
  const rule = sectionRow(item.name)?.body === "packages" ? PACKAGE_LINE : LINE;
  return item.body.map((line) => ({ ...line, text: filler.fill(line.text, rule, line.line) }));
}

/** Returns the lines of a script, after assignments to the shell variables `va_name` that it uses. */
function fillScript(item: SectionItem, filler: Filler, masked: boolean): readonly BlankItem[] {
  const script = item.body.map(({ text }) => text).join("");
  for (const line of item.body) {
    for (const [, name = ""] of line.text.matchAll(PLACEHOLDER)) {
      const hint = `in a script a parameter is a shell variable, write "$va_${name}"`;
      filler.error("placeholder-place", `@@${name}@@: ${hint}`, line.line);
    }
  }
  const mentioned = new Set(Array.from(script.matchAll(/\bva_(\w+)\b/g), ([, name]) => name));
  const used = filler.parameters.declared.filter(({ name }) => mentioned.has(name));
  if (used.length === 0) return item.body;
  const row = sectionRow(item.name);
  const interpreter = optionValue(
    readArguments(item.words.slice(1), row?.options ?? {}),
    "--interpreter",
  );
  if (interpreter !== undefined && !SHELL.test(interpreter)) {
    const message = `%${item.name}: parameters reach shell scripts only, found ${interpreter}`;
    filler.error("placeholder-place", message);
    return item.body;
  }
  const assignments = used.map((parameter) => {
    const found = filler.parameters.values.find((each) => each.parameter === parameter);
    if (parameter.secret && found !== undefined) filler.usedSecret = true;
    const value = parameter.secret && masked ? MASK : (found?.value ?? "");
    return `va_${parameter.name}=${quoteShellOnOneLine(value)}\n`;
  });
  const newline = `${NEWLINE_VARIABLE}=$(printf '\\n_') ${NEWLINE_VARIABLE}=\${${NEWLINE_VARIABLE}%_}\n`;
  const text = assignments.some((line) => line.includes(NEWLINE_VARIABLE))
    ? [newline, ...assignments]
    : assignments;
  return [
    ...text.map((line): BlankItem => ({ kind: "blank", line: item.line, text: line })),
    ...item.body,
  ];
}

function fillSection(item: SectionItem, filler: Filler, masked: boolean): SectionItem {
  const text = fillWords(item.text, item.words, filler, masked);
  const body =
    sectionRow(item.name)?.body === "script"
      ? fillScript(item, filler, masked)
      : fillLines(item, filler);
  return { ...item, text, words: splitWords(text).words, body };
}

/** Returns whether an item is joined with others of its kind, after which a secret in it could not be masked. */
function isJoined(item: KickstartItem): boolean {
  if (item.kind === "section") return sectionRow(item.name)?.body !== "script";
  return item.kind === "command" && commandRow(item.name)?.combine.kind === "joined";
}

/** Returns why an item must not contain a secret, or undefined. */
function whyNoSecret(item: KickstartItem): string | undefined {
  if (isJoined(item)) return "a secret is not allowed here";
  if (item.kind === "command" && item.name === "url")
    return "a secret is not allowed in the tree's address, which is a virt-install argument: every user could read it";
  return undefined;
}

/**
 * Returns a statement with its parameters filled. In words of commands and of section heads, values replace `@@name@@`
 * and are quoted for the installer. In lines of packages and data, values replace `@@name@@`. In shell scripts, values
 * are assigned to variables `va_name` at the beginning. A value that is not allowed at its place is a problem; it is
 * never inserted.
 */
export function fillStatement(
  statement: Statement,
  parameters: ParameterValues,
  findings: Findings,
): Statement {
  const { item } = statement;
  if (item.kind === "blank") return statement;
  const filler = new Filler(parameters, findings, statement);
  if (item.kind === "include") {
    if (/@@[a-z]/.test(item.text)) {
      filler.error("placeholder-place", `${item.directive}: cannot hold a parameter`);
    }
    return statement;
  }
  const fillItem = (which: Filler, masked: boolean): CommandItem | SectionItem =>
    item.kind === "command" ? fillCommand(item, which, masked) : fillSection(item, which, masked);
  const filled = fillItem(filler, false);
  if (!filler.usedSecret) return { ...statement, item: filled };
  const why = whyNoSecret(item);
  if (why !== undefined) filler.error("placeholder-place", why);
  // The first pass has reported all problems.
  const silent = new Filler(parameters, new Findings(), statement);
  return { ...statement, item: filled, masked: fillItem(silent, true) };
}
