import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { countOf } from "../../src/lib/count-of.ts";

describe("countOf", () => {
  for (const [count, noun, expected] of [
    [0, "package", "0 packages"],
    [1, "package", "1 package"],
    [1n, "byte", "1 byte"],
    [2, "MAC address", "2 MAC addresses"],
    [3, "entry", "3 entries"],
    [1, "internal snapshot", "1 internal snapshot"],
    [2, "day", "2 days"],
  ] as const) {
    it(`says ${expected}`, () => assert.equal(countOf(count, noun), expected));
  }

  it("is how numbers of things are written", async () => {
    const source = path.join(import.meta.dirname, "../../src");
    const found: string[] = [];
    for (const file of await readdir(source, { recursive: true })) {
      if (!file.endsWith(".ts")) continue;
      const text = await readFile(path.join(source, file), "utf8");
      for (const [line] of text.matchAll(/.*=== 1 \? "" : "s".*/g)) found.push(`${file}: ${line}`);
      for (const [line] of text.matchAll(
        /.*\$\{[^{}`]*(?:\.length|Snapshots)\} (?:[a-z]+ )?(?:characters|entries|files|problems|snapshots|versions|packages)\b.*/g,
      ))
        found.push(`${file}: ${line.trim()}`);
    }
    // The number of disks and packages there is more than one.
    const known = /all \$\{disks\.length\} disks|repository\/accept-packages/;
    assert.deepEqual(
      found.filter((one) => !known.test(one)),
      [],
    );
  });
});
