import assert from "node:assert/strict";
import { checkValues, withPlainArguments } from "../../src/cli/check-values.ts";
import { describeCommand } from "../../src/cli/help/describe-command.ts";
import { defineCommand } from "../../src/cli/command.ts";

const pour = defineCommand({
  positionals: { jug: { type: "string", array: true, describe: "what to pour" } },
  options: {
    output: { alias: "o", type: "string", default: ".", describe: "a place" },
    cups: { type: "number", describe: "how many" },
    wait: { type: "number", requiresArg: false, describe: "how long" },
    with: { type: "string", array: true, describe: "what else" },
    dry: { type: "boolean", default: false, describe: "no water" },
  },
  run: () => Promise.resolve(),
});
const command = await describeCommand({
  name: "pour",
  summary: "an example",
  load: () => Promise.resolve({ command: pour }),
});

describe("checkValues", () => {
  const refused: readonly (readonly [string[], Record<string, unknown>, string])[] = [
    [["-o", "a", "-o", "b"], { output: ["a", "b"] }, "--output: given 2 times, expected once"],
    [["--output="], { output: "" }, "--output: has no value"],
    [["a", "-o"], { output: "." }, "-o: has no value"],
    [["a", "-o", "--dry"], { output: ".", dry: true }, "-o: has no value"],
    [["--output", "-o", "x"], { output: "x" }, "--output: has no value"],
    [["--with"], { with: [] }, "--with: has no value"],
    [["--cups", "many"], { cups: Number.NaN }, "--cups: not a number"],
    [["--wait", "long"], { wait: Number.NaN }, "--wait: not a number"],
    [["--dry", "--dry"], { dry: [true, true] }, "--dry: given 2 times, expected once"],
    [["--dry=yes"], { dry: false }, "--dry=yes: takes no value but true and false"],
    [["--no-dry=1"], { dry: false }, "--no-dry=1: takes no value but true and false"],
    [["--json=on"], { json: false }, "--json=on: takes no value but true and false"],
    [["--quiet", "--quiet"], { quiet: [true, true] }, "--quiet: given more than once"],
    [["a", ""], { jug: ["a", ""] }, "<jug>: empty"],
  ];
  for (const [words, args, expected] of refused) {
    it(`refuses ${words.join(" ")}`, () => {
      assert.throws(() => checkValues(words, args, command), {
        code: "CLI_USAGE",
        message: `pour: ${expected}`,
        hint: "see: virt-appliance pour --help",
      });
    });
  }

  const accepted: readonly (readonly [string[], Record<string, unknown>])[] = [
    [["a", "-o", "-5"], { output: "-5", jug: ["a"] }],
    [["--with", "a", "--with", "b"], { with: ["a", "b"] }],
    [["a", "--wait"], { jug: ["a"], wait: Number.NaN }],
    [["--wait", "--dry"], { wait: Number.NaN, dry: true }],
    [["--dry=true", "--no-dry=false"], { dry: true }],
    [["--output=--dry=x"], { output: "--dry=x" }],
    [["a", "--", "-o", "--dry=x"], { jug: ["a"] }],
  ];
  for (const [words, args] of accepted) {
    it(`accepts ${words.join(" ")}`, () => checkValues(words, args, command));
  }
});

describe("withPlainArguments", () => {
  it("words after -- are not taken for options", () => {
    const words = ["pour", "-o", "x", "--", "-a", "b", "--dry", "--"];
    const plain = ["pour", "-o", "x", "./-a", "b", "./--dry", "./--"];
    assert.deepEqual(withPlainArguments(words), plain);
    assert.deepEqual(withPlainArguments(["pour", "a"]), ["pour", "a"]);
  });
});
