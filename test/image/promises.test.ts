import assert from "node:assert/strict";
import { open, readFile, stat } from "node:fs/promises";
import path from "node:path";
import {
  createEmpty,
  examineHead,
  flattenImage,
  inspectImage,
  judgeHeader,
} from "../../src/image/index.ts";
import type { RunResult } from "../../src/lib/exec.ts";
import { testContext } from "../support/context.ts";
import { isError } from "../support/is-error.ts";
import { bigEndian, makeRaw, patch, qemuImg } from "../fixtures/disk-images.ts";
import { openFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;

/** A context in which qemu-img answers something else. */
function answering(command: string, answer: (real: RunResult) => RunResult) {
  const { run } = testContext();
  return testContext({
    run: async (file, args, options) => {
      const real = await run(file, args, options);
      return file === "qemu-img" && args[0] === command ? answer(real) : real;
    },
  });
}

describe("an image is refused", () => {
  async function headOf(format: string, change: (file: string) => Promise<unknown>) {
    await using folder = await openFolder();
    const file = path.join(folder.path, "disk");
    await qemuImg("create", "-q", "-f", format, file, "1M");
    await change(file);
    const head = await readFile(file);
    return await examineHead(head, head.length);
  }

  it("when only the place or only the length of a backing file's name is there", async () => {
    for (const [offset, value] of [
      [8, bigEndian(200, 8)],
      [16, bigEndian(20, 4)],
    ] as const) {
      const header = await headOf("qcow2", (file) => patch(file, offset, value));
      assert.throws(() => judgeHeader(header, "qcow2", "x"), isError("IMAGE_BACKING_FILE", /uses/));
    }
  });

  it("when a table is larger than any sound image has", async () => {
    for (const [offset, what] of [
      [36, /L1 table/],
      [56, /refcount table/],
    ] as const) {
      const header = await headOf("qcow2", (file) => patch(file, offset, bigEndian(2 ** 31, 4)));
      assert.throws(() => judgeHeader(header, "qcow2", "x"), isError("IMAGE_CORRUPT", what));
    }
  });

  it("when a VMDK has its descriptor elsewhere than where QEMU looks for a parent", async () => {
    const header = await headOf("vmdk", (file) => patch(file, 28, Buffer.from([2])));
    assert.throws(() => judgeHeader(header, "vmdk", "x"), isError("IMAGE_CORRUPT", /sector 2/));
  });

  it("when qemu-img reads another size, finds another file, or finds errors", async () => {
    await using folder = await openFolder();
    const file = path.join(folder.path, "disk.qcow2");
    await qemuImg("create", "-q", "-f", "qcow2", file, "1M");
    const saying = (command: string, more: object) =>
      answering(command, (real) => ({
        ...real,
        stdout: JSON.stringify({ ...(JSON.parse(real.stdout) as object), ...more }),
      }));
    for (const [context, code, text] of [
      [saying("info", { "virtual-size": MIB * 2 }), "IMAGE_CORRUPT", /reads a disk of 2097152/],
      [saying("info", { "backing-filename": "x" }), "IMAGE_BACKING_FILE", /more than one file/],
      [saying("check", { corruptions: 1 }), "IMAGE_CORRUPT", /finds 1 error/],
      [saying("check", { "check-errors": 2 }), "IMAGE_CORRUPT", /finds 2 errors/],
    ] as const)
      await assert.rejects(inspectImage(file, context, { format: "qcow2" }), isError(code, text));
  });
});

describe("a disk that is made", () => {
  it("is its owner's alone, an exported one too", async () => {
    await using folder = await openFolder();
    const from = await makeRaw(path.join(folder.path, "disk.raw"), MIB);
    const to = path.join(folder.path, "out.qcow2");
    await flattenImage({ from, fromFormat: "raw", to }, testContext());
    const empty = path.join(folder.path, "empty.qcow2");
    await createEmpty({ path: empty, format: "qcow2", sizeBytes: MIB }, testContext());
    for (const file of [to, empty]) assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it("is on the disk when its making returns", async () => {
    await using folder = await openFolder();
    const handle = await open(await makeRaw(path.join(folder.path, "x"), MIB), "r");
    const prototype = Object.getPrototypeOf(handle) as { sync: () => Promise<void> };
    await handle.close();
    const { sync } = prototype;
    let synced = 0;
    prototype.sync = function () {
      synced += 1;
      return sync.call(this);
    };
    try {
      const file = path.join(folder.path, "empty.raw");
      await createEmpty({ path: file, format: "raw", sizeBytes: MIB }, testContext());
    } finally {
      prototype.sync = sync;
    }
    assert.equal(synced, 1);
  });
});
