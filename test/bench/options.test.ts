import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { readOptions } from "../../bench/options.ts";
import { replaceBetween } from "../../bench/report/replace-between.ts";
import { rows } from "../../bench/rows/rows.ts";

const root = path.join(import.meta.dirname, "../..");
const namesOf = (...args: readonly string[]): readonly string[] =>
  readOptions(args, rows).rows.map(({ name }) => name);

describe("the options of the bench", () => {
  it("chooses all rows, a row, a chapter, or several", () => {
    assert.deepEqual(
      namesOf(),
      rows.map(({ name }) => name),
    );
    assert.deepEqual(namesOf("--row", "sign"), ["sign"]);
    assert.deepEqual(namesOf("--row", "verify, sign"), ["sign", "verify"]);
    assert.deepEqual(namesOf("--chapter", "repository"), ["add-many", "add-one"]);
  });

  it("writes only a whole run to the repository", () => {
    const isWhole = (...args: readonly string[]): boolean => readOptions(args, rows).isWhole;
    assert.equal(isWhole(), true);
    assert.equal(isWhole("--row", "sign"), false);
    assert.equal(isWhole("--scale", "0.1"), false);
    assert.equal(isWhole("--rounds", "1"), false);
  });

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["--row", "none"], /^none: no such row, expected build, growth/],
    [["--chapter", "none"], /^none: no such chapter, expected build, package/],
    [["--scale", "x"], /^SCALE: expected a number over 0, found "x"$/],
    [["--rounds", "0"], /^ROUNDS: /],
    [["--other"], /--other/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses ${args.join(" ")}`, () => {
      assert.throws(
        () => readOptions(args, rows),
        ({ message: found }: Error) => message.test(found),
      );
    });
  }
});

describe("the rows of the bench", () => {
  it("have names of their own, chapters that are together, and programs with packages", () => {
    assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
    const chapters = rows.map(({ chapter }) => chapter);
    const begins = chapters.filter((chapter, index) => chapters[index - 1] !== chapter);
    assert.deepEqual(begins, [...new Set(chapters)]);
  });

  it("have a place in the README", async () => {
    const readme = await readFile(path.join(root, "README.md"), "utf8");
    assert.doesNotThrow(() => replaceBetween(readme, "bench", ""));
  });
});
