import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { createEmpty, createOverlay, growDisk, readDiskFacts } from "../../src/image/index.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;

describe("size and space of a VM's disk", () => {
  const folder = temporaryFolder({ per: "test" });
  it("are read from overlays and raw disks, and follow growth", async () => {
    const context = testContext();
    const at = (name: string): string => path.join(folder, name);
    await createEmpty({ path: at("base"), format: "qcow2", sizeBytes: 4 * MIB }, context);
    await createOverlay({ path: at("top"), base: at("base"), baseFormat: "qcow2" }, context);
    await createEmpty({ path: at("raw"), format: "raw", sizeBytes: 4 * MIB }, context);
    for (const [name, format] of [
      ["top", "qcow2"],
      ["raw", "raw"],
    ] as const) {
      const before = await readDiskFacts(at(name), format);
      assert.equal(before.virtualSizeBytes, 4 * MIB);
      assert.ok(before.allocatedBytes < MIB);
      await growDisk({ path: at(name), format, sizeBytes: 8 * MIB }, context);
      assert.equal((await readDiskFacts(at(name), format)).virtualSizeBytes, 8 * MIB);
    }
    await context.run("qemu-img", ["snapshot", "-c", "one", at("top")]);
    assert.equal((await readDiskFacts(at("top"), "qcow2")).internalSnapshots, 1);
  });

  it("are refused for what is not there, or not qcow2", async () => {
    const file = path.join(folder, "x");
    await assert.rejects(readDiskFacts(file, "qcow2"), { code: "LIB_IO" });
    for (const content of ["", "x".repeat(100)]) {
      await writeFile(file, content);
      await assert.rejects(readDiskFacts(file, "qcow2"), { code: "IMAGE_FORMAT_MISMATCH" });
    }
  });
});
