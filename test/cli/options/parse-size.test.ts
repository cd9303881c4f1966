import assert from "node:assert/strict";
import { parseSize } from "../../../src/cli/options/parse-size.ts";
import { ApplianceError } from "../../../src/errors.ts";

describe("parseSize", () => {
  for (const [text, bytes] of [
    ["1", 1],
    ["512K", 512 * 1024],
    ["1.5M", 1.5 * 1024 * 1024],
    ["20GiB", 20 * 1024 ** 3],
    ["2tb", 2 * 1024 ** 4],
  ] as const) {
    it(`reads ${text} as ${bytes} bytes`, () => assert.equal(parseSize(text, "--max-size"), bytes));
  }
  for (const text of ["", "-1", "0", "1P", "ten", "1 0", "9999999T", "0x10"]) {
    it(`refuses "${text}" as a usage error that names the option`, () => {
      assert.throws(
        () => parseSize(text, "--max-size"),
        (error) =>
          error instanceof ApplianceError &&
          error.code === "CLI_USAGE" &&
          error.message.startsWith("--max-size"),
      );
    });
  }
});
