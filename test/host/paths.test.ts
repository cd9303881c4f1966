import assert from "node:assert/strict";
import path from "node:path";
import { hostPaths, lockFileOf } from "../../src/host/access/paths.ts";

describe("lockFileOf", () => {
  it("returns a different lock file for each text, however long", () => {
    const paths = hostPaths("/");
    const names = [
      "vm1",
      "../vm1",
      "a/b",
      "",
      "v".repeat(300),
      "w".repeat(300),
      "\u00fc".repeat(100),
    ];
    const files = names.map((name) => lockFileOf(paths, name));
    assert.equal(new Set(files).size, names.length);
    for (const file of files) {
      assert.equal(path.dirname(file), "/var/lib/virt-appliance/locks");
      assert.ok(path.basename(file).length <= 255);
    }
  });
});
