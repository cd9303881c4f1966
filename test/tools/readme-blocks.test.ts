import assert from "node:assert/strict";
import { missingLine, readmeBlocks } from "../support/readme-blocks.ts";

const page = [
  "# Title",
  "```sh",
  "$ ignored",
  "```",
  "```console",
  "$ one \\",
  "    two",
  "out …",
  "$ three",
  "```",
  "text",
  "```console host",
  "# dnf install x",
  "…",
  "Complete!",
  "```",
].join("\n");

describe("the README's examples", () => {
  it("are found with their place, continuation and output", () => {
    assert.deepEqual(readmeBlocks(page), [
      {
        place: "builder",
        commands: [
          { line: 6, command: "one \\\n    two", output: ["out …"] },
          { line: 9, command: "three", output: [] },
        ],
      },
      {
        place: "host",
        commands: [{ line: 13, command: "dnf install x", output: ["…", "Complete!"] }],
      },
    ]);
  });

  it("are compared line by line, with wildcards", () => {
    assert.equal(missingLine(["a … c", "d"], "a b c\nd\n"), undefined);
    assert.equal(missingLine(["…", "d"], "a\nb\nd\n"), undefined);
    assert.equal(missingLine(["a", "d"], "a\nb\nd\n"), "d");
    assert.equal(missingLine(["a (x)"], "a (y)"), "a (x)");
    assert.equal(missingLine(["a"], ""), "a");
  });
});
