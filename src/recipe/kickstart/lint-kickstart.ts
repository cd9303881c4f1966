import { countOf } from "../../lib/count-of.ts";
import type { CommandRow } from "./command-row.ts";
import { commandRow } from "./command-table.ts";
import type { CommandItem, Kickstart, RecipeProblem, Release, SectionItem } from "./model.ts";
import {
  type Arguments,
  checkOptions,
  hasOption,
  optionValue,
  readArguments,
  type Report,
} from "./read-options.ts";
import { defaultRelease, renderRelease } from "./release.ts";
import { sectionRow } from "./section-table.ts";
import { isTooEarly, reached } from "./value-type.ts";

const known = new WeakMap<CommandItem, Arguments>();

/** Returns the arguments of a command, read with the options of its row. The result is cached. */
export function commandArguments(item: CommandItem): Arguments {
  const earlier = known.get(item);
  if (earlier !== undefined) return earlier;
  const found = readArguments(item.words.slice(1), commandRow(item.name)?.options ?? {});
  known.set(item, found);
  return found;
}

function lintTimes(row: CommandRow, release: Release, report: Report): boolean {
  const where = renderRelease(release);
  if (reached(row.removed, release)) {
    report("error", "command-removed", `${row.name}: was removed before ${where}`);
    return false;
  }
  if (reached(row.ineffective, release)) {
    report(
      "error",
      "command-removed",
      `${row.name}: ${where} does not support it and creates nothing`,
    );
    return false;
  }
  if (isTooEarly(row.since, release)) {
    report("error", "command-too-new", `${row.name}: not yet supported in ${where}`);
    return false;
  }
  if (reached(row.deprecated, release)) {
    report("warning", "command-deprecated", `${row.name}: deprecated in ${where}`);
  }
  return true;
}

/** Returns whether a command has an effect in a release: it is neither removed nor deprecated. */
export function hasEffect(item: CommandItem, release: Release): boolean {
  const row = commandRow(item.name);
  if (row === undefined) return true;
  return !reached(row.removed, release) && !reached(row.deprecated, release);
}

/** Reports missing requirements of a command, and options without an option that they require. */
function lintNeeds(row: CommandRow, given: Arguments, report: Report): void {
  // The last value counts.
  const isGiven = (name: string): boolean =>
    hasOption(given, name) && optionValue(given, name)?.trim() !== "";
  for (const { options, words, exclusive } of row.needs ?? []) {
    const found = options.filter(isGiven);
    if (exclusive === true && found.length > 1) {
      report("error", "option-clash", `${row.name}: expected only one of ${found.join(", ")}`);
    }
    if (found.length > 0 || given.words.length >= (words ?? Infinity)) continue;
    const ways = [...options, ...(words === undefined ? [] : ["more words"])].join(", ");
    report("error", "option-missing", `${row.name}: expected one of ${ways}`);
  }
  for (const [name, others] of Object.entries(row.requires ?? {})) {
    if (!isGiven(name) || others.some(isGiven)) continue;
    report("error", "option-missing", `${row.name} ${name}: requires ${others.join(" or ")}`);
  }
}

/** Reports invalid values, conflicts of a value with another option, and first words that the release rejects. */
function lintValues(row: CommandRow, given: Arguments, at: { release: Release; report: Report }) {
  const { release, report } = at;
  for (const { option, value, beside } of row.excludes ?? []) {
    if (optionValue(given, option)?.toLowerCase() !== value) continue;
    if (beside === undefined) {
      report("error", "option-value", `${row.name} ${option}: cannot be ${value}`);
    } else if (hasOption(given, beside)) {
      const message = `${row.name}: ${beside} cannot be used with ${option}=${value}`;
      report("error", "option-clash", message);
    }
  }
  const first = given.words[0]?.value ?? "";
  for (const [begin, { removed }] of Object.entries(row.firstWords ?? {})) {
    if (!first.startsWith(begin) || !reached(removed, release)) continue;
    const message = `${row.name} ${first}: the feature was removed before ${renderRelease(release)}`;
    report("error", "words", message);
  }
}

function lintCommand(item: CommandItem, release: Release, report: Report): void {
  const row = commandRow(item.name);
  if (item.words.length === 0) return;
  if (row === undefined) {
    report("warning", "command-unknown", `${item.name}: not a known command; it is kept`);
    return;
  }
  if (!lintTimes(row, release, report) || row.free === true) return;
  // A deprecated command has no effect, so its arguments are not checked.
  if (reached(row.deprecated, release)) return;
  const given = commandArguments(item);
  checkOptions(given, row.options, {
    release,
    report: (severity, code, message) => {
      report(severity, code, `${item.name} ${message}`);
    },
  });
  lintNeeds(row, given, report);
  lintValues(row, given, { release, report });
  const { least, most } = row.words;
  const count = given.words.length;
  if (count < least || count > most) {
    const expected =
      least === most ? `${least}` : most >= 1000 ? `${least} or more` : `${least} to ${most}`;
    report(
      "error",
      "words",
      `${item.name}: ${countOf(count, "word")} besides options, expected ${expected}`,
    );
  }
}

function lintSection(item: SectionItem, release: Release, report: Report): void {
  const row = sectionRow(item.name);
  if (row === undefined) {
    report("warning", "section-unknown", `%${item.name}: not a known section; it is kept`);
    return;
  }
  if (isTooEarly(row.since, release)) {
    report(
      "error",
      "section-too-new",
      `%${item.name}: not yet supported in ${renderRelease(release)}`,
    );
  } else if (reached(row.deprecated, release)) {
    report(
      "warning",
      "section-deprecated",
      `%${item.name}: deprecated in ${renderRelease(release)}`,
    );
  }
  if (row.name === "addon" || row.name === "anaconda") return;
  checkOptions(readArguments(item.words.slice(1), row.options), row.options, {
    release,
    report: (severity, code, message) => {
      report(severity, code, `%${item.name} ${message}`);
    },
  });
}

/** Maximum number of errors, and of warnings. A malicious document must not fill the memory. */
const MAX_PROBLEMS = 500;

/**
 * Returns the problems that an installer would have with a kickstart: unknown, removed or too new commands, sections
 * and options, and invalid values. Unknown names are only warnings, because another release may support them.
 *
 * @param release  release of the installer; default: Fedora 40
 */
export function lintKickstart(
  kickstart: Kickstart,
  release: Release = defaultRelease,
): readonly RecipeProblem[] {
  const problems: RecipeProblem[] = [];
  const count = { error: 0, warning: 0 };
  for (const item of kickstart.items) {
    const report: Report = (severity, code, message) => {
      // Errors and warnings are counted separately, so warnings displace no errors.
      count[severity] += 1;
      if (count[severity] > MAX_PROBLEMS) return;
      problems.push({ severity, code, message, line: item.line, origin: kickstart.origin });
    };
    if (item.kind === "command") lintCommand(item, release, report);
    else if (item.kind === "section") lintSection(item, release, report);
  }
  return problems;
}
