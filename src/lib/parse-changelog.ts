import { countOf } from "./count-of.ts";

/**
 * The changelog of a package in the format of rpm's `%changelog`. An entry starts with a line such as
 * `* Mon Jan 05 2026 Name <address> - 1.2-3`; the changes follow. The newest entry is first. A time in UTC is allowed.
 * Source of truth: rpm, build/parseChangelog.c.
 */

/** One entry of a changelog. */
export interface ChangelogEntry {
  readonly timeSeconds: number;
  /** Everything after the date: `Name <address> - 1.2-3`. */
  readonly author: string;
  readonly text: string;
}

/** An error or a suspicious detail in a changelog. */
export interface ChangelogProblem {
  readonly severity: "error" | "warning";
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

/** Result of parsing a changelog. */
export interface ParsedChangelog {
  readonly entries: readonly ChangelogEntry[];
  readonly problems: readonly ChangelogProblem[];
}

/** Maximum length of a changelog, in characters. */
export const MAX_CHANGELOG_CHARS: number = 256 * 1024;
const MAX_ENTRIES = 2000;
const MAX_AUTHOR_CHARS = 512;
/** Maximum number of reported problems. */
const MAX_PROBLEMS = 50;

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const HEAD =
  /^\*[ \t]+(\w{3})[ \t]+(\w{3})[ \t]+(\d{1,2})[ \t]+(?:(\d{2}):(\d{2}):(\d{2})[ \t]+(?:UTC|GMT)[ \t]+)?(\d{4})(?:[ \t]+(.*))?$/;
const FORM = "* Mon Jan 05 2026 Name <address> - 1.2-3";
/** rpm accepts dates from 1997 on, and stores times in 32 bits. */
const FIRST_YEAR = 1997;
const LAST_YEAR = 2105;
// Characters that an rpm header cannot hold, or that must not be printed on a terminal.
const NOT_TEXT = /[^\t\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

interface Head {
  readonly timeSeconds: number;
  readonly author: string;
  /** Reason why the date is suspicious. */
  readonly doubt: string | undefined;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** Parses the first line of an entry. Returns a text with the reason if the line is not valid. */
function readHead(line: string): Head | string {
  const [, weekday = "", monthName = "", day, hour = "12", minute = "0", second = "0", year, rest] =
    HEAD.exec(line) ?? [];
  if (year === undefined) return `expected a date and a name: ${FORM}`;
  const month = MONTHS.indexOf(monthName);
  const [y, d] = [Number(year), Number(day)];
  const date = new Date(Date.UTC(y, month, d, Number(hour), Number(minute), Number(second)));
  const isDay = month !== -1 && date.getUTCMonth() === month && date.getUTCDate() === d;
  const isTime = date.getUTCHours() === Number(hour) && date.getUTCMinutes() === Number(minute);
  if (!isDay || !isTime || Number(second) > 59) return `no such day, expected ${FORM}`;
  if (y < FIRST_YEAR || y > LAST_YEAR)
    return `the year is ${y}, expected ${FIRST_YEAR} to ${LAST_YEAR}`;
  const author = rest?.trim() ?? "";
  if (author === "") return `no name after the date, expected ${FORM}`;
  if (author.length > MAX_AUTHOR_CHARS)
    return `the name has ${countOf(author.length, "character")}, expected at most ${MAX_AUTHOR_CHARS}`;
  const really = DAYS[date.getUTCDay()] ?? "";
  const doubt =
    really === weekday
      ? undefined
      : `${monthName} ${twoDigits(d)} ${y} is a ${really}, not a ${weekday}; the date counts`;
  return { timeSeconds: date.getTime() / 1000, author, doubt };
}

interface Section {
  readonly line: number;
  readonly head: string;
  readonly body: string[];
}

/** Splits a changelog at the lines that begin with an asterisk. */
function cut(lines: readonly string[], report: Report): readonly Section[] {
  const sections: Section[] = [];
  for (const [index, line] of lines.entries()) {
    if (NOT_TEXT.test(line))
      report("error", index + 1, "contains a control character, expected text");
    if (line.startsWith("*")) sections.push({ line: index + 1, head: line, body: [] });
    else if (sections.length > 0) sections.at(-1)?.body.push(line);
    else if (line.trim() !== "") report("error", index + 1, `expected an entry: ${FORM}`);
  }
  return sections;
}

type Report = (severity: ChangelogProblem["severity"], line: number, message: string) => void;

/** Parses a changelog. Returns its entries and all problems found. */
export function parseChangelog(text: string): ParsedChangelog {
  const problems: ChangelogProblem[] = [];
  const report: Report = (severity, line, message) => {
    if (problems.length < MAX_PROBLEMS) problems.push({ severity, line, message });
  };
  if (text.length > MAX_CHANGELOG_CHARS) {
    report(
      "error",
      1,
      `${countOf(text.length, "character")}, expected at most ${MAX_CHANGELOG_CHARS}`,
    );
    return { entries: [], problems };
  }
  const sections = cut(
    text
      .replace(/^\ufeff/, "")
      .replace(/\r\n/g, "\n")
      .split("\n"),
    report,
  );
  if (sections.length === 0 && problems.length === 0) report("error", 1, `no entry: ${FORM}`);
  if (sections.length > MAX_ENTRIES)
    report("error", 1, `${countOf(sections.length, "entry")}, expected at most ${MAX_ENTRIES}`);
  const entries: ChangelogEntry[] = [];
  for (const { line, head, body } of sections.slice(0, MAX_ENTRIES)) {
    const read = readHead(head);
    const what = body.join("\n").trim();
    if (what === "") report("error", line, "no lines below it, expected the changes");
    if (typeof read === "string") {
      report("error", line, read);
      continue;
    }
    const { timeSeconds, author, doubt } = read;
    if (doubt !== undefined) report("warning", line, doubt);
    const previous = entries.at(-1);
    if (previous !== undefined && previous.timeSeconds < timeSeconds)
      report("error", line, "is newer than the entry before it, expected the newest first");
    entries.push({ timeSeconds, author, text: what });
  }
  return { entries, problems: problems.sort((a, b) => a.line - b.line) };
}
