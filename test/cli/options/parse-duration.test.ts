import assert from "node:assert/strict";
import { parseDuration } from "../../../src/cli/options/parse-duration.ts";

describe("parseDuration", () => {
  it("takes seconds to weeks", () => {
    for (const [text, ms] of [
      ["0", 0],
      ["0d", 0],
      ["90s", 90_000],
      ["30m", 1_800_000],
      ["12h", 43_200_000],
      ["7d", 604_800_000],
      ["2w", 1_209_600_000],
    ] as const)
      assert.equal(parseDuration(text, "--grace"), ms, text);
  });

  it("refuses anything else", () => {
    for (const text of ["", "7", "d", "-1d", "1.5h", "7 d", "1y", "9999999s"])
      assert.throws(() => parseDuration(text, "--grace"), { code: "CLI_USAGE" }, text);
  });
});
