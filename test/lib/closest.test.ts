import assert from "node:assert/strict";
import { closest, closestOf, knownNames } from "../../src/lib/closest.ts";

const many = Array.from({ length: 53 }, (_, index) => `app${String(index).padStart(2, "0")}-1.0-1`);

describe("names near an unknown one", () => {
  it("are the likeliest first, and none when none is near", () => {
    assert.deepEqual(closestOf("prune", ["prone", "rune", "other"]), ["prone", "rune"]);
    assert.equal(closest("zzz", ["prone", "rune"]), undefined);
  });

  it("long lists of names are cut, and the number left out is stated", () => {
    assert.deepEqual(knownNames("app07", many), ["app07-1.0-1", "and 52 more"]);
    const all = knownNames("nothing like it", many);
    assert.deepEqual(all, [...many.slice(0, 8), "and 45 more"]);
    assert.deepEqual(knownNames("x", ["a", "b"]), ["a", "b"]);
    assert.deepEqual(knownNames("x", []), []);
  });

  it("are found in no time, however long and many they are", () => {
    const long = Array.from({ length: 20_000 }, (_, index) => `${"n".repeat(3000)}${index}`);
    const startedMs = performance.now();
    knownNames("m".repeat(100_000), long);
    assert.ok(performance.now() - startedMs < 20_000);
  });
});
