import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { commandTable } from "../../src/recipe/kickstart/command-table.ts";

const root = path.join(import.meta.dirname, "../..");

describe("docs/kickstart.md", () => {
  it("has every command under those who may use it", async () => {
    const page = await readFile(path.join(root, "docs/kickstart.md"), "utf8");
    for (const usableBy of ["builder", "site", "both", "neither"]) {
      const names = commandTable
        .filter((row) => row.usableBy === usableBy)
        .map(({ name }) => `\`${name}\``);
      assert.ok(page.includes(`| ${usableBy} | ${names.sort().join(", ")} |`), usableBy);
    }
  });

  it("explains every code of what is said about a kickstart", async () => {
    const page = await readFile(path.join(root, "docs/kickstart.md"), "utf8");
    const folders = ["compose", "kickstart", "storage"].map((name) => `src/recipe/${name}`);
    const codes = new Set<string>();
    for (const folder of folders) {
      for (const name of await readdir(path.join(root, folder))) {
        const text = await readFile(path.join(root, folder, name), "utf8");
        const pattern = /(?:error|report)\(\s*(?:\w+, )?(?:"(?:error|warning)",\s*)?"([a-z-]+)",/g;
        for (const match of text.matchAll(pattern)) codes.add(match[1] ?? "");
      }
    }
    // What no kickstart that anybody writes would cause.
    for (const code of ["too-large", "not-text"]) assert.ok(codes.delete(code), code);
    assert.ok(codes.size > 30, [...codes].join(", "));
    for (const code of codes) assert.ok(page.includes(`\`${code}\``), code);
  });
});
