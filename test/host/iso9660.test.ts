import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { renderIso } from "../../src/host/create/iso9660.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("ISO image", () => {
  const volume = { label: "cidata", date: new Date("2026-01-02T03:04:05Z") };
  const files = [
    { name: "meta-data", content: Buffer.from("instance-id: x\n") },
    { name: "user-data", content: Buffer.alloc(5000, "u") },
    { name: "empty", content: Buffer.alloc(0) },
    { name: "network-config", content: Buffer.alloc(2048, "n") },
  ];
  const folder = temporaryFolder();

  for (const tree of ["joliet", "iso"] as const) {
    it(`is read by another program through its ${tree} tree`, async () => {
      const image = path.join(folder, `${tree}.iso`);
      const out = path.join(folder, tree);
      await writeFile(image, renderIso(volume, files));
      const mode = tree === "joliet" ? "norock" : "ecma119";
      const options = ["-abort_on", "WARNING", "-read_fs", mode, "-indev", image];
      const extract = ["-osirrox", "on", "-extract", "/", out];
      const { stderr } = await testContext().run("xorriso", [...options, ...extract]);
      assert.match(stderr, /Volume id\s*: 'cidata'/);
      const found = new Map<string, Buffer>();
      for (const name of await readdir(out))
        found.set(
          name.toLowerCase().replace(/\.?(;1)?$/, ""),
          await readFile(path.join(out, name)),
        );
      assert.deepEqual([...found.keys()].sort(), files.map((file) => file.name).sort());
      for (const file of files) assert.deepEqual(found.get(file.name), file.content);
    });
  }

  it("has the same bytes each time, in whole sectors", () => {
    const image = renderIso(volume, files);
    assert.deepEqual(renderIso(volume, files), image);
    assert.equal(image.length % 2048, 0);
  });

  it("refuses names that it cannot hold", () => {
    for (const name of ["", "A", "a/b", "x".repeat(31)])
      assert.throws(() => renderIso(volume, [{ name, content: Buffer.alloc(0) }]), TypeError);
  });
});
