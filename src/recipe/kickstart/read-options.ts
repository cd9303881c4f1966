import type { Release, Word } from "./model.ts";
import {
  isTooEarly,
  mismatch,
  type OptionRow,
  type OptionTable,
  reached,
  valuesIn,
  whyNotIn,
} from "./value-type.ts";
import { newestBefore, renderRelease } from "./release.ts";

/** One option of a line. */
export interface GivenOption {
  readonly name: string;
  /** Undefined if the option takes no value, or if the value is missing. */
  readonly value: string | undefined;
  /** The word that contains the value; without a value, the option's word. */
  readonly word: Word;
  readonly row: OptionRow | undefined;
}

/** The arguments of a command or of a section's head: options and words. */
export interface Arguments {
  readonly options: readonly GivenOption[];
  readonly words: readonly Word[];
}

/** Receives problems of arguments. */
export type Report = (severity: "error" | "warning", code: string, message: string) => void;

/** Returns the full name of an option. Like Python's argparse, it accepts an unambiguous prefix. */
function complete(given: string, table: OptionTable): string {
  if (Object.hasOwn(table, given)) return given;
  const matches = Object.keys(table).filter((name) => name.startsWith(given));
  const [only] = matches;
  return matches.length === 1 && only !== undefined ? only : given;
}

/**
 * Separates the options of a line from its words, as Python's argparse does: `--name=value`, `--name value`, `--` ends
 * the options. An unknown option has a value only after an equals sign.
 */
export function readArguments(words: readonly Word[], table: OptionTable): Arguments {
  const options: GivenOption[] = [];
  const rest: Word[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === undefined) continue;
    if (word.value === "--") {
      rest.push(...words.slice(at + 1));
      break;
    }
    if (!word.value.startsWith("-") || word.value === "-") {
      rest.push(word);
      continue;
    }
    const equals = word.value.indexOf("=");
    const name = complete(equals === -1 ? word.value : word.value.slice(0, equals), table);
    const row = Object.hasOwn(table, name) ? table[name] : undefined;
    if (equals !== -1) {
      options.push({ name, value: word.value.slice(equals + 1), word, row });
    } else if (row === undefined || row.type.kind === "flag") {
      options.push({ name, value: undefined, word, row });
    } else {
      const next = words[at + 1];
      if (next === undefined || /^-[^\d]/.test(next.value)) {
        options.push({ name, value: undefined, word, row });
      } else {
        options.push({ name, value: next.value, word: next, row });
        at++;
      }
    }
  }
  return { options, words: rest };
}

/** A placeholder that is not filled. Its value cannot be checked. */
const UNFILLED = /@@[a-z]/;

/**
 * Reports options that are missing, unknown or not supported in the release, and options without a valid value.
 *
 * @param table  options of the command or section
 */
export function checkOptions(
  given: Arguments,
  table: OptionTable,
  at: { readonly release: Release; readonly report: Report },
): void {
  const { release, report } = at;
  for (const [name, row] of Object.entries(table)) {
    if (!reached(row.required, release) || hasOption(given, name)) continue;
    report("error", "option-missing", `${name}: missing`);
  }
  const where = renderRelease(release);
  for (const { name, value, row } of given.options) {
    if (row === undefined) {
      report("warning", "option-unknown", `${name}: not known; the installer may refuse it`);
      continue;
    }
    if (reached(row.removed, release)) {
      report("error", "option-removed", `${name}: was removed before ${where}`);
    } else if (reached(row.deprecated, release)) {
      report("warning", "option-deprecated", `${name}: deprecated in ${where}`);
    } else if (isTooEarly(row.since, release)) {
      report("error", "option-too-new", `${name}: not yet supported in ${where}`);
    }
    if (row.type.kind === "flag") {
      if (value !== undefined) report("error", "option-value", `${name}: takes no value`);
    } else if (value === undefined) report("error", "option-value", `${name}: needs a value`);
    else if (!UNFILLED.test(value)) {
      const why = mismatch(value, row, release) ?? whyNotIn(value, row, release);
      if (why !== undefined) report("error", "option-value", `${name}: ${why}`);
      else if (row.closed === true && !Object.hasOwn(row.values ?? {}, value.toLowerCase())) {
        const found = `found "${value.slice(0, 80)}"`;
        const message = `${name}: ${where} has ${valuesIn(row, release)}, ${found}`;
        // The values of Fedora's installer depend on its image. The values of a newer release are not known.
        const isCertain = release.family === "RHEL" && newestBefore(release) === undefined;
        if (isCertain) report("error", "option-value", message);
        else report("warning", "value-unknown", message);
      }
    }
  }
}

/** Returns the value of an option, the last one if it is repeated. Names are alternatives. */
export function optionValue(given: Arguments, ...names: readonly string[]): string | undefined {
  return given.options.findLast(({ name }) => names.includes(name))?.value;
}

/** Returns whether an option is given. */
export function hasOption(given: Arguments, name: string): boolean {
  return given.options.some((option) => option.name === name);
}

/** Returns the items of a list option, from all of its occurrences. */
export function listValue(given: Arguments, name: string): readonly string[] {
  return given.options
    .filter((option) => option.name === name)
    .flatMap(({ value }) => (value ?? "").split(","))
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
