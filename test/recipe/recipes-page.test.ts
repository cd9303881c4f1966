import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseDescriptor } from "../../src/appliance/index.ts";

const page = path.join(import.meta.dirname, "../../docs/recipes.md");

describe("docs/recipes.md", () => {
  it("has a minimal descriptor without a problem", async () => {
    const [, example] = /```xml\n(.*?)```/s.exec(await readFile(page, "utf8")) ?? [];
    assert.ok(example !== undefined);
    const { appliance, problems } = parseDescriptor(example, "docs/recipes.md");
    assert.deepEqual(problems, []);
    assert.deepEqual(
      appliance?.disks.map(({ file }) => file),
      ["system.qcow2"],
    );
  });
});
