import assert from "node:assert/strict";
import * as fc from "fast-check";
import { safeRelativePath } from "../../src/lib/safe-path.ts";

describe("safeRelativePath", () => {
  it("returns a path without needless parts", () => {
    for (const [raw, expected] of [
      ["a", "a"],
      ["./a//b/./c/", "a/b/c"],
      ["..a/b..", "..a/b.."],
      ["...", "..."],
      ["a b/é", "a b/é"],
    ] as const) {
      assert.equal(safeRelativePath(raw, "test"), expected);
    }
  });

  it("refuses whatever leaves its folder, or is none", () => {
    for (const [raw, why] of [
      ["..", /leaves its folder/],
      ["../a", /leaves its folder/],
      ["a/..", /leaves its folder/],
      // Also where it would come back: a link on the way makes it lead elsewhere.
      ["a/../b", /leaves its folder/],
      ["a/../../b", /leaves its folder/],
      ["a/b/../../../c", /leaves its folder/],
      ["./..", /leaves its folder/],
      ["/etc/passwd", /is absolute/],
      ["//a", /is absolute/],
      ["", /is empty/],
      [".", /is the folder itself/],
      ["./", /is the folder itself/],
      ["a\0b", /contains a control character/],
      ["a\nb", /contains a control character/],
      ["a".repeat(3073), /is longer than 3072 bytes/],
      ["é".repeat(1537), /is longer than 3072 bytes/],
    ] as const) {
      assert.throws(() => safeRelativePath(raw, "test"), { code: "LIB_UNSAFE_PATH", message: why });
    }
  });

  it("never returns a path that leaves its folder", () => {
    const part = fc.oneof(fc.constantFrom("..", ".", "", "a", "..."), fc.string());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        let safe: string;
        try {
          safe = safeRelativePath(parts.join("/"), "test");
        } catch {
          return;
        }
        const steps = safe.split("/");
        assert.ok(steps.every((step) => step !== "" && step !== "." && step !== ".."));
      }),
    );
  });
});
