import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { aboutSubject } from "../src/errors.ts";
import { nameForPeople } from "../src/lib/atomic.ts";

const src = fileURLToPath(new URL("../src/", import.meta.url));

describe("messages", () => {
  it("name their subject once", () => {
    assert.equal(aboutSubject("vm1", "it is off"), "vm1: it is off");
    assert.equal(aboutSubject("vm1", "vm1: vm1: it is off"), "vm1: it is off");
    assert.equal(aboutSubject("vm1", "vm10: it is off"), "vm1: vm10: it is off");
  });

  it("call a file that is being written by the name that it will have", () => {
    assert.equal(nameForPeople("/pool/.web.qcow2.0123abcd-77-89abcdef.tmp"), "web.qcow2");
    assert.equal(nameForPeople("/pool/.hidden.tmp"), ".hidden.tmp");
  });

  it("leave no listener on a signal", async () => {
    for (const name of await readdir(src, { recursive: true })) {
      if (!name.endsWith(".ts")) continue;
      const text = await readFile(path.join(src, name), "utf8");
      const count = (word: string): number => text.split(`.${word}(`).length - 1;
      assert.ok(count("removeEventListener") >= count("addEventListener"), name);
    }
  });
});
