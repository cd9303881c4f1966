import type { BlankItem, SectionItem } from "../kickstart/model.ts";
import { type GivenOption, readArguments } from "../kickstart/read-options.ts";
import { sectionRow } from "../kickstart/section-table.ts";
import { quoteKickstart } from "../kickstart/split-words.ts";
import {
  type Findings,
  JOINED,
  placeOf,
  precedenceOf,
  type Statement,
  yieldsTo,
} from "./statement.ts";

type Section = Statement<SectionItem>;

/** A line that includes or excludes a package, a group or an environment. */
interface Entry {
  readonly name: string;
  readonly isWanted: boolean;
  readonly line: BlankItem;
  readonly by: Section;
}

/** Returns the entry of a line; undefined for a comment, a blank line or an include. */
function entryOf(line: BlankItem, by: Section): Entry | undefined {
  const text = (line.text.split("#")[0] ?? "").trim();
  if (text === "" || text.startsWith("%")) return undefined;
  const isWanted = !text.startsWith("-");
  return { name: isWanted ? text : text.slice(1).trim(), isWanted, line, by };
}

/** Prefix of environments. A system has only one; the installer uses the last of several. */
const ENVIRONMENT = "@^";

/** Returns the key of an entry. Two different entries with one key contradict each other. */
function keyOf({ name, isWanted }: Entry): string {
  return isWanted && name.startsWith(ENVIRONMENT) ? ENVIRONMENT : name;
}

/** Returns whether two entries are equal: both include or both exclude the same name. */
function agree(a: Entry, b: Entry): boolean {
  return a.isWanted === b.isWanted && a.name === b.name;
}

function contradiction(earlier: Entry, later: Entry): string {
  return keyOf(later) === ENVIRONMENT
    ? `environment ${later.name}: only one can be installed, but ${placeOf(at(earlier))} has ${earlier.name}`
    : `package ${later.name}: is both included and excluded, see ${placeOf(at(earlier))}`;
}

function at(entry: Entry): Pick<Statement, "item" | "origin"> {
  return { item: entry.line, origin: entry.by.origin };
}

/** Returns the lines of all sections, with one line for each package. */
function joinLines(sections: readonly Section[], findings: Findings): readonly BlankItem[] {
  const lines = new Set<BlankItem>();
  const entries = new Map<string, Entry>();
  for (const by of sections) {
    for (const line of by.item.body) {
      const entry = entryOf(line, by);
      const earlier = entry === undefined ? undefined : entries.get(keyOf(entry));
      if (entry === undefined || earlier === undefined) {
        lines.add(line);
        if (entry !== undefined) entries.set(keyOf(entry), entry);
        continue;
      }
      if (agree(earlier, entry)) {
        if (!yieldsTo(earlier.by, by)) continue;
        lines.delete(earlier.line);
        lines.add(line);
        entries.set(keyOf(entry), entry);
        continue;
      }
      const precedence = precedenceOf(earlier.by, by);
      const [winner, loser] = precedence === "first" ? [earlier, entry] : [entry, earlier];
      if (precedence === "clash" || earlier.by.origin === by.origin) {
        const severity = precedence === "clash" ? "error" : "warning";
        findings.report(severity, "clash", contradiction(earlier, entry), at(entry));
      } else {
        const message = `package ${loser.name} is overridden by ${placeOf(at(winner))}`;
        findings.note(`${placeOf(at(loser))}: ${message}`);
      }
      lines.delete(loser.line);
      lines.add(winner.line);
      entries.set(keyOf(winner), winner);
    }
  }
  return [...lines];
}

/** Option that excludes the core group, which is otherwise always installed. */
const NO_CORE = "--nocore";
const CORE = "@core";

/** Options in one document that affect the packages of the others. */
const FAR_REACHING = ["--ignorebroken", "--ignoremissing", NO_CORE];

function headOptions({ item }: Section): readonly GivenOption[] {
  return readArguments(item.words.slice(1), sectionRow("packages")?.options ?? {}).options;
}

/** Returns the entry of a section that includes the core group. */
function coreLine(by: Section): Entry | undefined {
  return by.item.body
    .map((line) => entryOf(line, by))
    .find((entry) => entry?.isWanted === true && entry.name === CORE);
}

/** Returns a section without a line that another document overrides. */
function withoutLine(section: Section, line: BlankItem): Section {
  const body = section.item.body.filter((each) => each !== line);
  return { ...section, item: { ...section.item, body } };
}

function withoutOption(section: Section, option: string): Section {
  const lost = headOptions(section).filter(({ name }) => name === option);
  const words = section.item.words.filter((word) => lost.every((each) => each.word !== word));
  return { ...section, item: { ...section.item, words } };
}

/** The parts of a section that affect the sections of other documents. */
interface SectionFacts {
  readonly section: Section;
  readonly options: ReadonlySet<string>;
  readonly core: Entry | undefined;
}

function factsOf(section: Section): SectionFacts {
  const options = new Set(headOptions(section).map(({ name }) => name));
  return { section, options, core: coreLine(section) };
}

/** Resolves conflicts between `--nocore` in one document and `@core` in another. */
function settleCore(all: readonly SectionFacts[], findings: Findings): readonly Section[] {
  const settled = all.map(({ section }) => section);
  const heads = [...all.entries()].filter(([, { options }]) => options.has(NO_CORE));
  const cores = [...all.entries()].filter(([, { core }]) => core !== undefined);
  for (const [i, { section: head }] of heads) {
    for (const [j, { section: by, core }] of cores) {
      if (core === undefined || by.origin === head.origin) continue;
      const precedence = precedenceOf(head, by);
      if (precedence === "clash") {
        const message = `%packages ${NO_CORE}: clashes with ${CORE} in ${placeOf(at(core))}`;
        findings.report("error", "clash", message, head);
      } else if (precedence === "first") {
        findings.note(`${placeOf(at(core))}: ${CORE} is overridden by ${placeOf(head)}`);
        settled[j] = withoutLine(settled[j] ?? by, core.line);
      } else {
        const message = `%packages ${NO_CORE} is overridden by ${placeOf(at(core))}`;
        findings.note(`${placeOf(head)}: ${message}`);
        settled[i] = withoutOption(settled[i] ?? head, NO_CORE);
      }
    }
  }
  return settled;
}

/** Notes which other documents' packages an option affects. */
function tellFarReaching(all: readonly SectionFacts[], findings: Findings): void {
  for (const option of FAR_REACHING) {
    const heads = all.filter(({ options }) => options.has(option));
    const others = all.filter(
      ({ section, options }) => section.author !== "stock" && !options.has(option),
    );
    for (const { section: head } of heads) {
      for (const { section: other } of others) {
        if (other.origin === head.origin) continue;
        const whose = `the packages of ${placeOf(other)} too`;
        findings.note(`${placeOf(head)}: %packages ${option} applies to ${whose}`);
      }
    }
  }
}

/** Returns the options of all heads. If two heads give an option different values, `precedenceOf` decides. */
function joinHeads(sections: readonly Section[], findings: Findings): readonly string[] {
  const options = new Map<string, { readonly value: string | undefined; readonly by: Section }>();
  for (const by of sections) {
    for (const { name, value } of headOptions(by)) {
      const earlier = options.get(name);
      if (earlier === undefined || earlier.value === value) {
        const isBetter = earlier === undefined || yieldsTo(earlier.by, by);
        options.set(name, isBetter ? { value, by } : earlier);
        continue;
      }
      const precedence = precedenceOf(earlier.by, by);
      if (precedence === "clash") {
        const message = `%packages ${name}: clashes with ${placeOf(earlier.by)}`;
        findings.report("error", "clash", message, by);
      } else {
        const loser = precedence === "first" ? by : earlier.by;
        findings.note(`${placeOf(loser)}: %packages ${name} is overridden`);
      }
      if (precedence !== "first") options.set(name, { value, by });
    }
  }
  return [...options].map(([name, { value }]) =>
    value === undefined ? name : quoteKickstart(`${name}=${value}`),
  );
}

/** Joins the package sections of all documents into one; undefined when there is none. */
export function joinPackages(all: readonly Section[], findings: Findings): Section | undefined {
  const sections = settleCore(all.map(factsOf), findings);
  tellFarReaching(sections.map(factsOf), findings);
  const [first] = sections;
  if (first === undefined) return undefined;
  const text = `${["%packages", ...joinHeads(sections, findings)].join(" ")}\n`;
  const body = joinLines(sections, findings).map((line) => ({
    ...line,
    text: line.text.endsWith("\n") ? line.text : `${line.text}\n`,
  }));
  return { ...first, origin: JOINED, item: { ...first.item, text, body, end: "%end\n" } };
}
