import type { BlankItem, SectionItem } from "../kickstart/model.ts";
import { readArguments } from "../kickstart/read-options.ts";
import { sectionRow } from "../kickstart/section-table.ts";
import { quoteKickstart } from "../kickstart/split-words.ts";
import { JOINED, judge, placeOf } from "./statement.ts";
import type { Findings, Statement } from "./statement.ts";

type Section = Statement<SectionItem>;

/** A line that names a package, a group or an environment, wanted or not. */
interface Entry {
  readonly name: string;
  readonly isWanted: boolean;
  readonly line: BlankItem;
  readonly by: Section;
}

/** Answers what a line names; undefined for a comment, a blank line or an include. */
function entryOf(line: BlankItem, by: Section): Entry | undefined {
  const text = (line.text.split("#")[0] ?? "").trim();
  if (text === "" || text.startsWith("%")) return undefined;
  const isWanted = !text.startsWith("-");
  return { name: isWanted ? text : text.slice(1).trim(), isWanted, line, by };
}

function at(entry: Entry): Pick<Statement, "item" | "origin"> {
  return { item: entry.line, origin: entry.by.origin };
}

/** Answers the lines of all sections, each package once, wanted or not. */
function joinLines(sections: readonly Section[], findings: Findings): readonly BlankItem[] {
  const lines = new Set<BlankItem>();
  const entries = new Map<string, Entry>();
  for (const by of sections) {
    for (const line of by.item.body) {
      const entry = entryOf(line, by);
      const earlier = entry === undefined ? undefined : entries.get(entry.name);
      if (entry === undefined || earlier === undefined) {
        lines.add(line);
        if (entry !== undefined) entries.set(entry.name, entry);
        continue;
      }
      if (earlier.isWanted === entry.isWanted) continue;
      const verdict = judge(earlier.by, by);
      const [winner, loser] = verdict === "first" ? [earlier, entry] : [entry, earlier];
      if (verdict === "clash" || earlier.by.origin === by.origin) {
        const severity = verdict === "clash" ? "error" : "warning";
        const message = `package ${entry.name}: is wanted and unwanted, see ${placeOf(at(earlier))}`;
        findings.report(severity, "clash", message, at(entry));
      } else {
        const message = `package ${entry.name} gives way to ${placeOf(at(winner))}`;
        findings.notes.push(`${placeOf(at(loser))}: ${message}`);
      }
      lines.delete(loser.line);
      lines.add(winner.line);
      entries.set(winner.name, winner);
    }
  }
  return [...lines];
}

/** Answers the options of all heads; one that two heads give different values is settled. */
function joinHeads(sections: readonly Section[], findings: Findings): readonly string[] {
  const options = new Map<string, { readonly value: string | undefined; readonly by: Section }>();
  for (const by of sections) {
    const given = readArguments(by.item.words.slice(1), sectionRow("packages")?.options ?? {});
    for (const { name, value } of given.options) {
      const earlier = options.get(name);
      if (earlier === undefined || earlier.value === value) {
        options.set(name, earlier ?? { value, by });
        continue;
      }
      const verdict = judge(earlier.by, by);
      if (verdict === "clash") {
        const message = `%packages ${name}: clashes with ${placeOf(earlier.by)}`;
        findings.report("error", "clash", message, by);
      } else {
        const loser = verdict === "first" ? by : earlier.by;
        findings.notes.push(`${placeOf(loser)}: %packages ${name} gives way`);
      }
      if (verdict !== "first") options.set(name, { value, by });
    }
  }
  return [...options].map(([name, { value }]) =>
    value === undefined ? name : quoteKickstart(`${name}=${value}`),
  );
}

/** Joins the package sections of all documents into one; undefined when there is none. */
export function joinPackages(
  sections: readonly Section[],
  findings: Findings,
): Section | undefined {
  const [first] = sections;
  if (first === undefined) return undefined;
  const text = `${["%packages", ...joinHeads(sections, findings)].join(" ")}\n`;
  const body = joinLines(sections, findings).map((line) => ({
    ...line,
    text: line.text.endsWith("\n") ? line.text : `${line.text}\n`,
  }));
  return { ...first, origin: JOINED, item: { ...first.item, text, body, end: "%end\n" } };
}
