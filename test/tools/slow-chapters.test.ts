import assert from "node:assert/strict";
import {
  type Chapter,
  END_LIMIT_SECONDS,
  mayStart,
  parsePassed,
  type Passed,
  planChapters,
  renderPassed,
  START_LIMIT_SECONDS,
  UNKNOWN_SECONDS,
} from "../../tools/choose-tests/slow-chapters.ts";

const digestOf = (digit: string): string => digit.repeat(64);
const chapter = (file: string, digit: string): Chapter => ({ file, digest: digestOf(digit) });
const passed: ReadonlyMap<string, Passed> = new Map([
  ["b", { digest: digestOf("b"), seconds: 300 }],
  ["a", { digest: digestOf("a"), seconds: 40 }],
]);

describe("slow chapters", () => {
  it("are remembered a line each, sorted by name", () => {
    const text = renderPassed(passed);
    assert.equal(text, `${digestOf("a")}   40 a\n${digestOf("b")}  300 b\n`);
    assert.deepEqual(new Map(parsePassed(text)), new Map(passed));
  });

  it("run again where a line cannot be read", () => {
    const text = `<<<<<<< HEAD\n${digestOf("a")} 40 a\n=======\nabc 40 b\n${digestOf("b")} 40\n`;
    assert.deepEqual([...parsePassed(text).keys()], ["a"]);
  });

  for (const [name, chapters, which, files] of [
    ["not with the same inputs", [chapter("a", "a"), chapter("b", "b")], "changed", []],
    ["with other inputs", [chapter("a", "a"), chapter("b", "c")], "changed", ["b"]],
    ["when they are new", [chapter("a", "a"), chapter("new", "a")], "changed", ["new"]],
    [
      "the cheapest first, those of unknown cost last",
      [chapter("y", "1"), chapter("b", "1"), chapter("x", "1"), chapter("a", "1")],
      "changed",
      ["a", "b", "x", "y"],
    ],
    ["all when all are asked for", [chapter("b", "b"), chapter("a", "a")], "all", ["a", "b"]],
  ] as const) {
    it(`run ${name}`, () => {
      assert.deepEqual(
        planChapters(chapters, passed, which).map(({ file }) => file),
        files,
      );
    });
  }

  it("say what they took last", () => {
    const planned = planChapters([chapter("a", "1"), chapter("new", "1")], passed, "changed");
    assert.deepEqual(
      planned.map(({ expectedSeconds }) => expectedSeconds),
      [40, undefined],
    );
  });

  for (const [expectedSeconds, elapsedSeconds, expected] of [
    [undefined, 0, true],
    [undefined, END_LIMIT_SECONDS - 1.5 * UNKNOWN_SECONDS, true],
    [undefined, END_LIMIT_SECONDS - 1.5 * UNKNOWN_SECONDS + 1, false],
    [1, START_LIMIT_SECONDS - 1, true],
    [1, START_LIMIT_SECONDS, false],
    [600, START_LIMIT_SECONDS - 1, true],
    [602, START_LIMIT_SECONDS - 1, false],
    [END_LIMIT_SECONDS, 0, false],
  ] as const) {
    const verdict = expected ? "start" : "do not start";
    const cost = expectedSeconds === undefined ? "unknown" : `${expectedSeconds} s`;
    it(`${verdict} after ${elapsedSeconds} s when their cost is ${cost}`, () => {
      const planned = { ...chapter("a", "a"), expectedSeconds };
      assert.equal(mayStart(planned, elapsedSeconds), expected);
    });
  }
});
