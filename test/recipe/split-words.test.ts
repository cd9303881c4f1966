import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  quoteKickstart,
  replaceWords,
  splitWords,
} from "../../src/recipe/kickstart/split-words.ts";
import { testContext } from "../support/context.ts";

const { run } = testContext();

/** Splits each line with Python's own shlex, as pykickstart does; null where it refuses. */
const PYTHON = `
import json, shlex, sys
def split(line):
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return None
json.dump([split(line) for line in json.load(sys.stdin)], sys.stdout)
`;

async function pythonWords(lines: readonly string[]): Promise<unknown> {
  const answer = await run("python3", ["-c", PYTHON], { input: JSON.stringify(lines) });
  return JSON.parse(answer.stdout);
}

function ourWords(line: string): readonly string[] | null {
  const split = splitWords(line);
  return split.error === undefined ? split.words.map(({ value }) => value) : null;
}

describe("splitWords", () => {
  it("splits as Python's shlex does, which the installer uses", async () => {
    const character = fc.constantFrom("a", "=", "-", " ", "\t", "'", '"', "\\", "#", "$", "é");
    const lines = fc.sample(
      fc.array(character, { maxLength: 14 }).map((all) => all.join("")),
      { numRuns: 3000, seed: 1 },
    );
    assert.deepEqual(lines.map(ourWords), await pythonWords(lines));
  });
});

describe("quoteKickstart", () => {
  it("makes one word of any text without line ends, for Python and for us", async () => {
    const word = fc.string({ unit: "grapheme", minLength: 0 }).filter((s) => !/[\r\n\0]/.test(s));
    const hostile = ["", "'", '"', "\\", "a'b\"c\\d #e", "$(id)", "--x", "%end", "`id`"];
    const values = [...hostile, ...fc.sample(word, { numRuns: 1000, seed: 2 })];
    const lines = values.map((value) => `key ${quoteKickstart(value)} # comment`);
    const expected = values.map((value) => ["key", value]);
    assert.deepEqual(lines.map(ourWords), expected);
    assert.deepEqual(await pythonWords(lines), expected);
  });

  it("refuses a line end, which no quoting can hold", () => {
    assert.throws(() => quoteKickstart("a\n%end"), TypeError);
  });
});

describe("replaceWords", () => {
  it("changes the words that are named and nothing else", () => {
    const line = "user  --name='old'\t--gecos=x # old\n";
    const split = splitWords(line);
    assert.ok(split.error === undefined);
    const [, name] = split.words;
    assert.ok(name !== undefined);
    assert.equal(
      replaceWords(line, new Map([[name, "--name=it's new"]])),
      `user  '--name=it'"'"'s new'\t--gecos=x # old\n`,
    );
  });
});
