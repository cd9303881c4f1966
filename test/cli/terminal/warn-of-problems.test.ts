import assert from "node:assert/strict";
import { warnOfProblems } from "../../../src/cli/terminal/warn-of-problems.ts";

describe("warnings of a source", () => {
  for (const [place, expected] of [
    [{ origin: "web.ks", line: 4 }, "web.ks:4: what is wrong [SOME_CODE]"],
    [{ origin: "web.ks", line: undefined }, "web.ks: what is wrong [SOME_CODE]"],
    [{ line: 4 }, "line 4: what is wrong [SOME_CODE]"],
    [{ line: undefined }, "what is wrong [SOME_CODE]"],
  ] as const) {
    it(`say where it is: ${expected}`, () => {
      const said: string[] = [];
      const warn = (text: string): void => void said.push(text);
      const problem = { severity: "warning", code: "SOME_CODE", message: "what is wrong" } as const;
      warnOfProblems([{ ...problem, ...place }], { info: warn, warn, debug: warn });
      assert.deepEqual(said, [expected]);
    });
  }
});
