import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { commandTable } from "../../src/recipe/kickstart/command-table.ts";
import { renderRelease } from "../../src/recipe/kickstart/release.ts";
import { sectionTable } from "../../src/recipe/kickstart/section-table.ts";
import { askPykickstart, pykickstart } from "../support/pykickstart.ts";
import { knownReleases, renderChoices, renderFacts } from "./installer-facts.ts";

const golden = path.join(import.meta.dirname, "../golden/recipe/installers.txt");

/** What pykickstart has and our tables do not say, and why; then the reverse. */
const notOurs: readonly (readonly [RegExp, string])[] = [
  [/^(autostep|device|dmraid|install|multipath) --/, "gone since F34 and RHEL9: not looked into"],
  [/^cmdline --non-interactive /, "read, then refused"],
  [/^zfcp --(fcplun|wwpn) text/, "a mainframe's; needed up to RHEL8 only, we never ask for them"],
];
const notTheirs: readonly (readonly [RegExp, string])[] = [
  [/^realm --one-time-password text:/, "read by the command itself, not by the option parser"],
  [/^zfcp --(fcplun|wwpn) text:/, "see above"],
  [
    /^(\w+) --luks-version: luks1 luks2 luks2-hw-opal luks2-hw-opal-only$/,
    "the documentation's words; any is taken",
  ],
  [/^autopart --type: btrfs lvm partition plain thinp$/, "checked by a function: AUTOPART_TYPE_*"],
  [/^snapshot --when: post-install pre-install$/, "checked by a function: SNAPSHOT_WHEN_*"],
];

function without(
  lines: readonly string[],
  other: readonly string[],
  known: readonly (readonly [RegExp, string])[],
): readonly string[] {
  const there = new Set(other);
  return lines.filter((line) => !there.has(line) && !known.some(([form]) => form.test(line)));
}

/** Facts as recorded: `make golden` asks again when VIRT_APPLIANCE_PYKICKSTART names a checkout. */
async function recorded(): Promise<readonly string[]> {
  if (process.env["UPDATE_GOLDEN"] === "1" && pykickstart !== undefined) {
    await writeFile(golden, await askPykickstart(["facts", ...knownReleases.map(renderRelease)]));
  }
  return (await readFile(golden, "utf8")).trim().split("\n");
}

describe("the table of commands, held against pykickstart", () => {
  let facts: readonly string[];
  let choices: readonly string[];
  let sources: ReadonlyMap<string, readonly string[]>;
  before(async () => {
    const lines = await recorded();
    const behind = (prefix: string): readonly string[] =>
      lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
    choices = behind("choice ");
    sources = new Map(
      behind("source ").map((line) => {
        const [name = "", classes = ""] = line.split(": ");
        return [name, classes.split(" ")];
      }),
    );
    facts = lines.filter((line) => !/^(source|choice) /.test(line));
  });

  it("knows every command, section and option, in the same releases", () => {
    assert.ok(facts.length > 500);
    assert.deepEqual(without(facts, renderFacts(), notOurs), []);
  });

  it("knows no others", () => {
    assert.deepEqual(without(renderFacts(), facts, notTheirs), []);
  });

  it("knows the words that options may have", () => {
    assert.deepEqual(without(choices, renderChoices(), []), []);
    assert.deepEqual(without(renderChoices(), choices, notTheirs), []);
  });

  it("has each command and section once, with a class that reads it", () => {
    const rows = [
      ...commandTable,
      ...sectionTable.map((row) => ({ name: `%${row.name}`, source: row.source })),
    ];
    assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
    assert.deepEqual(
      rows.filter(({ name, source }) => sources.get(name)?.includes(source) !== true),
      [],
    );
  });

  it("has every command that any release knew", () => {
    const names = new Set([
      ...commandTable.map(({ name }) => name),
      ...sectionTable.map(({ name }) => `%${name}`),
    ]);
    assert.deepEqual(
      [...sources.keys()].filter((name) => !names.has(name)),
      [],
    );
  });
});
