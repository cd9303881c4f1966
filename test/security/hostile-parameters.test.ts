import assert from "node:assert/strict";
import { layerOfArguments, parseLayer, parseParameters } from "../../src/recipe/index.ts";
import { resolveParameters } from "../../src/recipe/parameters/resolve-parameters.ts";
import { assertShort } from "./cpu-time.ts";
import { fill, times } from "../fixtures/hostile-kickstarts.ts";

const MAX = 262_000;

/** YAML as long as it may be, of one thing over and over. */
const documents: readonly (readonly [string, string])[] = [
  ["levels of lists", "[".repeat(MAX)],
  ["levels of maps", "{a: ".repeat(MAX / 4)],
  ["levels of dashes", "- ".repeat(MAX / 2)],
  [
    "levels of indentation",
    times(700, "#").replace(/\d+/g, "") + times(700, " ".repeat(9) + "a:\n"),
  ],
  ["keys of a map", fill("k#: 1\n", MAX)],
  ["keys between braces", `{${fill("k#: 1, ", MAX)}}`],
  ["documents", fill("---\n", MAX)],
  ["anchors", fill("- &a# x\n", MAX)],
  ["faults", fill("- 'a' b\n", MAX)],
  ["quotes that are not closed", `a: "${"\\\n".repeat(MAX / 2 - 10)}`],
  ["a block of empty lines", `a: |\n${"\n".repeat(MAX - 10)}`],
  ["comments", fill("# x\n", MAX)],
];

describe("hostile YAML keeps nobody waiting, and is no internal error", () => {
  for (const [name, text] of documents) {
    it(`of ${name}`, () => {
      for (const parse of [
        () => parseParameters(text, "parameters.yaml").problems,
        () => parseLayer(text, { origin: "site.yaml", shared: true }).problems,
      ]) {
        assertShort(() => assert.ok(parse().length < 50_000));
      }
    });
  }
});

/** Patterns that backtrack without end, or come to more code than there is room for. */
const patterns: readonly string[] = [
  "(a+)+b",
  "(a|aa)+b",
  "(.*a){20}b",
  "((a{99}){99}){99}",
  "(?:(?:(?:\\p{L}{99}){99}){99}){99}",
  "(?:(a*)*)\\1b",
];

describe("hostile patterns", () => {
  it("many parameters are resolved within a second", () => {
    const value = "a".repeat(4000);
    const text = times(
      250,
      `- name: p#\n  pattern: '${patterns[0]}'\n  default: ${"a".repeat(60)}\n`,
    );
    assertShort(() => parseParameters(text, "parameters.yaml"));
    for (const pattern of patterns) {
      const declared = times(100, `- name: p#\n  pattern: '${pattern}'\n`);
      const { parameters, problems } = parseParameters(declared, "parameters.yaml");
      assert.deepEqual(problems, []);
      const given = parameters.map(({ name }, index) => `${name}=${value}${index}`);
      assertShort(() => {
        const found = resolveParameters(parameters, [layerOfArguments(given, "--set").layer]);
        assert.equal(found.problems.length, parameters.length, pattern);
      });
    }
  });

  it("cannot close a group that they have not opened", () => {
    const { problems } = parseParameters("- name: a\n  pattern: 'x)|(?:y'\n", "parameters.yaml");
    assert.deepEqual(
      problems.map(({ code }) => code),
      ["pattern-bad"],
    );
  });

  it("stand beside words without control characters", () => {
    const text = '- name: a\n  type: enum\n  values: ["x\\0", "y\\e"]\n';
    const { problems } = parseParameters(text, "parameters.yaml");
    assert.deepEqual(
      problems.map(({ code }) => code),
      ["field"],
    );
  });
});
