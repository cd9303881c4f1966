import assert from "node:assert/strict";
import { chmod, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { copyDisk, createEmpty, createOverlay, growDisk } from "../../src/image/index.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("disks of VMs", () => {
  const context = testContext();
  const folder = temporaryFolder({ per: "test" });

  const file = (name: string): string => path.join(folder, name);
  const info = async (name: string): Promise<Record<string, unknown>> => {
    const { stdout } = await context.run("qemu-img", ["info", "--output=json", file(name)]);
    const value: unknown = JSON.parse(stdout);
    assert.ok(typeof value === "object" && value !== null);
    return { ...value };
  };
  const makeBase = async (format: "qcow2" | "raw", name: string): Promise<void> => {
    await createEmpty({ path: file(name), format, sizeBytes: 1 << 20 }, context);
    await chmod(file(name), 0o444);
  };

  for (const format of ["qcow2", "raw"] as const) {
    it(`puts an overlay on a ${format} base, with path and format written into it`, async () => {
      await makeBase(format, "base");
      await createOverlay({ path: file("o"), base: file("base"), baseFormat: format }, context);
      const found = await info("o");
      assert.equal(found["full-backing-filename"], file("base"));
      assert.equal(found["backing-filename-format"], format);
      assert.equal(found["virtual-size"], 1 << 20);
      assert.equal((await stat(file("o"))).mode & 0o777, 0o600);
      assert.equal((await stat(file("base"))).mode & 0o777, 0o444);
    });
  }

  it("makes an overlay larger than its base", async () => {
    await makeBase("qcow2", "base");
    const options = { base: file("base"), baseFormat: "qcow2", sizeBytes: 3 << 20 } as const;
    await createOverlay({ path: file("o"), ...options }, context);
    assert.equal((await info("o"))["virtual-size"], 3 << 20);
  });

  it("makes empty disks that take no room", async () => {
    for (const format of ["qcow2", "raw"] as const) {
      await createEmpty({ path: file(format), format, sizeBytes: 2 ** 33 }, context);
      assert.equal((await info(format))["virtual-size"], 2 ** 33);
      assert.ok((await stat(file(format))).blocks * 512 < 2 ** 20);
    }
  });

  it("copies a read-only file with its holes into one that its owner can write", async () => {
    await writeFile(file("from"), "x");
    await context.run("truncate", ["-s", "1G", file("from")]);
    await chmod(file("from"), 0o444);
    assert.equal(await copyDisk({ from: file("from"), to: file("to") }, context), 2 ** 30);
    const { mode, blocks } = await stat(file("to"));
    assert.equal(mode & 0o777, 0o600);
    assert.ok(blocks * 512 < 2 ** 20);
  });

  it("grows a disk, and refuses to shrink it", async () => {
    const disk = { path: file("d"), format: "qcow2" } as const;
    await createEmpty({ ...disk, sizeBytes: 1 << 20 }, context);
    await growDisk({ ...disk, sizeBytes: 4 << 20 }, context);
    assert.equal((await info("d"))["virtual-size"], 4 << 20);
    await assert.rejects(growDisk({ ...disk, sizeBytes: 1 << 20 }, context));
  });

  it("names a file that is not there", async () => {
    await assert.rejects(copyDisk({ from: file("none"), to: file("to") }, context), {
      code: "LIB_IO",
    });
  });
});
