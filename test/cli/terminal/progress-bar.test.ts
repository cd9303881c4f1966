import assert from "node:assert/strict";
import { formatDuration, makeProgress } from "../../../src/cli/terminal/progress-bar.ts";

describe("progress", () => {
  for (const [seconds, text] of [
    [0, "0 s"],
    [59.4, "59 s"],
    [187, "3 m 07 s"],
    [7500, "2 h 05 m"],
  ] as const) {
    it(`writes ${seconds} seconds as ${text}`, () => assert.equal(formatDuration(seconds), text));
  }

  function record(terminal: boolean): {
    written: string[];
    work: (steps: readonly number[]) => void;
  } {
    const written: string[] = [];
    let nowMs = 0;
    const progress = makeProgress({
      write: (text) => written.push(text),
      terminal,
      columns: 200,
      nowMs: () => nowMs,
    });
    return {
      written,
      work: (steps) => {
        const task = progress.start("copying", 100 * 1024);
        for (const atMs of steps) {
          nowMs = atMs;
          task.advance(10 * 1024);
        }
        task.done();
      },
    };
  }

  it("stays silent for work under two seconds", () => {
    const { written, work } = record(true);
    work([100, 500, 1900]);
    assert.deepEqual(written, []);
  });

  it("shows rate and time left on a terminal, and clears the line at the end", () => {
    const { written, work } = record(true);
    work([1000, 2500, 5000]);
    assert.match(
      written[0] ?? "",
      /copying {2}\[#+-+\] {2}20 % {2}20.0 KiB of 100 KiB {2}8.0 KiB\/s {2}10 s left/,
    );
    assert.equal(written.at(-1), "\r\u001b[K");
  });

  for (const [where, terminal, expected] of [
    [
      "redrawn on a terminal",
      true,
      ["\r\u001b[Kinstalling  1 s  a\\x1b[2J", "\r\u001b[Kinstalling  1 m 01 s", "\r\u001b[K"],
    ],
    ["a line each minute elsewhere", false, ["installing  1 m 01 s\n"]],
  ] as const) {
    it(`shows how long work of unknown size takes, and what it says: ${where}`, () => {
      const written: string[] = [];
      let nowMs = 0;
      const task = makeProgress({
        write: (text) => written.push(text),
        terminal,
        columns: 200,
        nowMs: () => nowMs,
      }).start("installing", "time");
      for (const [atMs, text] of [
        [100, "too early"],
        [1000, "a\u001b[2J"],
        [61_000, ""],
      ] as const) {
        nowMs = atMs;
        task.note?.(text);
      }
      task.done();
      assert.deepEqual(written, expected);
    });
  }

  it("writes plain lines without a bar elsewhere, ten seconds apart", () => {
    const { written, work } = record(false);
    work([1000, 2500, 9000, 12_600, 13_000]);
    assert.equal(written.length, 2);
    assert.ok(written.every((line) => line.endsWith("\n") && !line.includes("\u001b")));
    assert.ok(
      written.every((line) => /^copying {2}\d+ % {2}/.test(line)),
      written.join(""),
    );
  });

  it("counts what is no bytes", () => {
    for (const [count, expected] of [
      [40, "reading  25 %  10 of 40 domains  9 s left\n"],
      [undefined, "reading  10 domains\n"],
    ] as const) {
      const written: string[] = [];
      let nowMs = 0;
      const output = { terminal: false, columns: 200, nowMs: () => nowMs };
      const progress = makeProgress({ ...output, write: (text) => written.push(text) });
      const task = progress.start("reading", { count, of: "domains" });
      nowMs = 3000;
      task.advance(10);
      task.done();
      assert.deepEqual(written, [expected]);
    }
  });
});
