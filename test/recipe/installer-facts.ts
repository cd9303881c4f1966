import { commandTable } from "../../src/recipe/kickstart/command-table.ts";
import type { Release } from "../../src/recipe/kickstart/model.ts";
import { renderRelease } from "../../src/recipe/kickstart/release.ts";
import { sectionTable } from "../../src/recipe/kickstart/section-table.ts";
import {
  type From,
  isTooEarly,
  type OptionRow,
  type OptionTable,
  reached,
} from "../../src/recipe/kickstart/value-type.ts";

/** Releases whose facts are recorded, in order. */
export const knownReleases: readonly Release[] = [
  ...Array.from({ length: 18 }, (_, index): Release => ({ family: "F", number: 28 + index })),
  ...Array.from({ length: 5 }, (_, index): Release => ({ family: "RHEL", number: 7 + index })),
];

interface Times {
  readonly since?: From;
  readonly deprecated?: From;
  readonly removed?: From;
}

function knows(times: Times, release: Release): boolean {
  return !reached(times.removed, release) && !isTooEarly(times.since, release);
}

function optionFacts(name: string, options: OptionTable, release: Release): readonly string[] {
  return Object.entries(options)
    .filter(([, row]) => knows(row, release))
    .map(([option, row]) => {
      const isPlain = !["flag", "integer", "boolean"].includes(row.type.kind);
      const required = reached(row.required, release) ? " required" : "";
      const deprecated = reached(row.deprecated, release) ? " deprecated" : "";
      return `${name} ${option} ${isPlain ? "text" : row.type.kind}${required}${deprecated}`;
    });
}

/** Returns what the tables say of one release, in the words of ask-pykickstart.py. */
function factsOf(release: Release): readonly string[] {
  const facts: string[] = [];
  for (const row of commandTable) {
    if (!knows(row, release)) continue;
    const isGoing = reached(row.deprecated, release);
    facts.push(`${row.name}${isGoing ? " deprecated" : ""}`);
    // What has no effect any more is not read.
    if (!isGoing) facts.push(...optionFacts(row.name, row.options, release));
  }
  for (const row of sectionTable) {
    if (!knows(row, release)) continue;
    facts.push(`%${row.name}${reached(row.deprecated, release) ? " deprecated" : ""}`);
    facts.push(...optionFacts(`%${row.name}`, row.options, release));
  }
  return facts;
}

/** Returns runs of releases: `F38-F40 RHEL9`. */
function renderRuns(releases: ReadonlySet<Release>): string {
  const runs: Release[][] = [];
  for (const [index, release] of knownReleases.entries()) {
    if (!releases.has(release)) continue;
    const before = knownReleases[index - 1];
    const run = runs.at(-1);
    const goes = before !== undefined && releases.has(before) && before.family === release.family;
    if (goes && run !== undefined) run.push(release);
    else runs.push([release]);
  }
  return runs
    .map((run) => [...new Set([run.at(0), run.at(-1)])])
    .map((ends) => ends.flatMap((end) => (end === undefined ? [] : renderRelease(end))).join("-"))
    .join(" ");
}

/** Returns all facts of our tables, one line each, as ask-pykickstart.py prints those of pykickstart. */
export function renderFacts(): readonly string[] {
  const facts = new Map<string, Set<Release>>();
  for (const release of knownReleases) {
    for (const fact of factsOf(release)) {
      facts.set(fact, (facts.get(fact) ?? new Set()).add(release));
    }
  }
  return [...facts].map(([fact, releases]) => `${fact}: ${renderRuns(releases)}`).sort();
}

/** Returns the options that have few words for values, as ask-pykickstart.py prints them. */
export function renderChoices(): readonly string[] {
  const choices = (name: string, row: OptionRow): readonly string[] =>
    row.type.kind === "choice" ? [`${name}: ${[...row.type.values].sort().join(" ")}`] : [];
  return commandTable
    .flatMap(({ name, options }) =>
      Object.entries(options).flatMap(([option, row]) => choices(`${name} ${option}`, row)),
    )
    .sort();
}
