import assert from "node:assert/strict";
import { formatSize } from "../../src/cli/format-size.ts";

describe("a size for people", () => {
  for (const [bytes, text] of [
    [0, "0 B"],
    [0.4, "0 B"],
    [1023, "1023 B"],
    [1023.7, "1.0 KiB"],
    [1536, "1.5 KiB"],
    [99.96 * 1024, "100 KiB"],
    [120 * 1024 ** 2, "120 MiB"],
    [1024 ** 3 - 1, "1.0 GiB"],
    [5 * 1024 ** 3, "5.0 GiB"],
    [3000 * 1024 ** 4, "2.9 PiB"],
    [3000 * 1024 ** 5, "3000 PiB"],
  ] as const) {
    it(`is ${text} for ${bytes} bytes`, () => assert.equal(formatSize(bytes), text));
  }
});
