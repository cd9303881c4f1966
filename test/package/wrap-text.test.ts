import assert from "node:assert/strict";
import { wrapText } from "../../src/package/wrap-text.ts";

describe("wrapText", () => {
  it("breaks at spaces so that no line is wider than 79 columns", () => {
    const wrapped = wrapText("word ".repeat(60).trim());
    assert.ok(wrapped.split("\n").every((line) => line.length <= 79));
    assert.equal(wrapped.replaceAll("\n", " "), "word ".repeat(60).trim());
  });
  it("keeps paragraphs, indented lines and words that do not fit", () => {
    const long = "x".repeat(100);
    assert.equal(wrapText(`a\n\n  ${long} b\n${long}`), `a\n\n  ${long} b\n${long}`);
  });
});
