import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFile, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ErrorCode } from "../../src/errors.ts";
import type { DiskFormat } from "../../src/appliance/index.ts";
import { inspectImage } from "../../src/image/index.ts";
import { testContext } from "../support/context.ts";
import { isError } from "../support/is-error.ts";
import { bigEndian, makeRaw, patch, qemuImg } from "../fixtures/disk-images.ts";
import { openFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;

describe("inspecting an image", () => {
  for (const format of ["raw", "qcow", "qcow2", "vmdk", "vdi"] as const) {
    it(`answers the size that the VM sees in ${format}`, async () => {
      await using folder = await openFolder();
      const raw = await makeRaw(path.join(folder.path, "disk.raw"), 3 * MIB);
      const file = path.join(folder.path, `disk:1.${format}`);
      await qemuImg("convert", "-f", "raw", "-O", format, raw, file);
      const facts = await inspectImage(file, testContext(), { format });
      assert.equal(facts.virtualSizeBytes, 3 * MIB);
      assert.deepEqual(facts.warnings, []);
    });
  }

  it("counts compressed clusters, leaks and snapshots of a qcow2", async () => {
    await using folder = await openFolder();
    const raw = await makeRaw(path.join(folder.path, "disk.raw"), 3 * MIB);
    const file = path.join(folder.path, "disk.qcow2");
    const options = "compression_type=zstd,cluster_size=64k";
    await qemuImg("convert", "-c", "-f", "raw", "-O", "qcow2", "-o", options, raw, file);
    const before = await inspectImage(file, testContext(), { format: "qcow2" });
    assert.equal(before.qcow2?.compression, "zstd");
    assert.equal(before.qcow2.clusterSizeBytes, 65536);
    assert.ok(before.qcow2.compressedClusters >= 5);
    assert.equal(before.qcow2.carriesState, false);
    await qemuImg("snapshot", "-c", "before", file);
    const after = await inspectImage(file, testContext(), { format: "qcow2" });
    assert.equal(after.qcow2?.carriesState, true);
    assert.match(after.warnings[0]?.message ?? "", /has 1 internal snapshot,/);
  });

  it("accepts a streamOptimized VMDK, whatever name its extent has", async () => {
    await using folder = await openFolder();
    const raw = await makeRaw(path.join(folder.path, "disk.raw"), 3 * MIB);
    const file = path.join(folder.path, "renamed.vmdk");
    const made = path.join(folder.path, "call-me-stream.vmdk");
    await qemuImg("convert", "-O", "vmdk", "-o", "subformat=streamOptimized", raw, made);
    await copyFile(made, file);
    const facts = await inspectImage(file, testContext(), { format: "vmdk" });
    assert.equal(facts.virtualSizeBytes, 3 * MIB);
  });

  it("warns of a raw disk whose content is another format", async () => {
    await using folder = await openFolder();
    const file = path.join(folder.path, "disk.raw");
    await qemuImg("create", "-f", "qcow2", file, "1M");
    await truncate(file, MIB);
    const facts = await inspectImage(file, testContext(), { format: "raw" });
    assert.equal(facts.virtualSizeBytes, facts.fileSizeBytes);
    assert.equal(facts.warnings[0]?.code, "raw-holds-image");
    assert.match(facts.warnings[0]?.message ?? "", /content is a qcow2 image/);
  });

  it("warns of an iso without a volume", async () => {
    await using folder = await openFolder();
    const file = await makeRaw(path.join(folder.path, "cd.iso"), MIB);
    const facts = await inspectImage(file, testContext(), { format: "iso" });
    assert.equal(facts.warnings[0]?.code, "iso-without-volume");
    await patch(file, 0x8001, Buffer.from("CD001"));
    assert.deepEqual((await inspectImage(file, testContext(), { format: "iso" })).warnings, []);
  });
});

interface Refused {
  readonly what: string;
  readonly format: DiskFormat;
  readonly code: ErrorCode;
  readonly text: RegExp;
  /** Makes the image in a folder that already holds `base.qcow2`. */
  readonly make: (file: string, folder: string) => Promise<unknown>;
}

const create = (format: string, file: string, ...args: readonly string[]): Promise<string> =>
  qemuImg("create", "-q", "-f", format, ...args, file, "1M");

const patched =
  (format: string, offset: number, bytes: Uint8Array) =>
  async (file: string): Promise<void> => {
    await create(format, file);
    await patch(file, offset, bytes);
  };

const withVmdkText =
  (change: (text: string) => string) =>
  async (file: string): Promise<void> => {
    await create("vmdk", file);
    const area = (await readFile(file)).subarray(512, 512 + 10240);
    const text = change(area.toString("latin1").replace(/\0+$/, ""));
    await patch(file, 512, Buffer.from(text.padEnd(10240, "\0"), "latin1"));
  };

const refused: readonly Refused[] = [
  {
    what: "a qcow2 with a backing file",
    format: "qcow2",
    code: "IMAGE_BACKING_FILE",
    text: /uses a backing file, "base\.qcow2"/,
    make: (file) => create("qcow2", file, "-b", "base.qcow2", "-F", "qcow2"),
  },
  {
    what: "a qcow2 whose backing file does not exist",
    format: "qcow2",
    code: "IMAGE_BACKING_FILE",
    text: /"\/etc\/shadow"/,
    make: (file) => create("qcow2", file, "-u", "-b", "/etc/shadow", "-F", "raw"),
  },
  {
    what: "a qcow2 with an external data file",
    format: "qcow2",
    code: "IMAGE_EXTERNAL_DATA",
    text: /uses a data file, ".*data\.raw"/,
    make: (file, folder) => create("qcow2", file, "-o", `data_file=${folder}/data.raw`),
  },
  {
    what: "a qcow2 with the external data bit and no name",
    format: "qcow2",
    code: "IMAGE_EXTERNAL_DATA",
    text: /uses a data file/,
    make: patched("qcow2", 72, bigEndian(4, 8)),
  },
  {
    what: "an encrypted qcow2",
    format: "qcow2",
    code: "IMAGE_ENCRYPTED",
    text: /is encrypted/,
    make: patched("qcow2", 32, bigEndian(2, 4)),
  },
  {
    what: "a qcow2 that is in use",
    format: "qcow2",
    code: "IMAGE_CORRUPT",
    text: /marked dirty/,
    make: patched("qcow2", 72, bigEndian(1, 8)),
  },
  {
    what: "a qcow2 that QEMU marked corrupt",
    format: "qcow2",
    code: "IMAGE_CORRUPT",
    text: /marked corrupt/,
    make: patched("qcow2", 72, bigEndian(2, 8)),
  },
  {
    what: "a qcow2 with features of the future",
    format: "qcow2",
    code: "IMAGE_CORRUPT",
    text: /features 0x100, which are not supported/,
    make: patched("qcow2", 72, bigEndian(0x100, 8)),
  },
  {
    what: "a qcow2 with absurd clusters",
    format: "qcow2",
    code: "IMAGE_CORRUPT",
    text: /clusters of 2\^31 bytes, expected 2\^9 to 2\^21/,
    make: patched("qcow2", 20, bigEndian(31, 4)),
  },
  {
    what: "a qcow2 of eight exbibytes",
    format: "qcow2",
    code: "IMAGE_BAD_SIZE",
    text: /claims 8192 PiB, expected at most/,
    make: patched("qcow2", 24, Buffer.from("7ffffffffffffc00", "hex")),
  },
  {
    what: "a qcow2 with a huge L1 table, all reasons together",
    format: "qcow2",
    code: "IMAGE_BAD_SIZE",
    text: /0 bytes[^]*L1 table claims 32.0 GiB/,
    make: async (file) => {
      await patched("qcow2", 24, bigEndian(0, 8))(file);
      await patch(file, 36, bigEndian(0xffffffff, 4));
    },
  },
  {
    what: "a qcow2 of version 9",
    format: "qcow2",
    code: "IMAGE_CORRUPT",
    text: /qcow2 version 9, expected 2 or 3/,
    make: patched("qcow2", 4, bigEndian(9, 4)),
  },
  {
    what: "a qcow2 with damaged tables",
    format: "qcow2",
    code: "IMAGE_CORRUPT",
    text: /qemu-img/,
    make: patched("qcow2", 40, bigEndian(0x30001, 8)),
  },
  {
    what: "a qcow2 that is cut off",
    format: "qcow2",
    code: "IMAGE_CORRUPT",
    text: /header has 20 bytes, expected 72/,
    make: (file) =>
      writeFile(
        file,
        Buffer.concat([Buffer.from("QFI\xfb\0\0\0\x03", "latin1"), Buffer.alloc(12)]),
      ),
  },
  {
    what: "a qcow1 with a backing file",
    format: "qcow",
    code: "IMAGE_BACKING_FILE",
    text: /"base\.qcow2"/,
    make: (file) => create("qcow", file, "-b", "base.qcow2", "-F", "qcow2"),
  },
  {
    what: "a raw file said to be qcow2",
    format: "qcow2",
    code: "IMAGE_FORMAT_MISMATCH",
    text: /is raw by its content, expected qcow2/,
    make: (file) => makeRaw(file, MIB),
  },
  {
    what: "a qcow1 said to be qcow2",
    format: "qcow2",
    code: "IMAGE_FORMAT_MISMATCH",
    text: /is qcow by its content/,
    make: (file) => create("qcow", file),
  },
  {
    what: "a raw disk that is no multiple of 512",
    format: "raw",
    code: "IMAGE_BAD_SIZE",
    text: /has 1000 bytes, expected a multiple of 512/,
    make: (file) => makeRaw(file, 1000),
  },
  {
    what: "an empty raw disk",
    format: "raw",
    code: "IMAGE_BAD_SIZE",
    text: /size of 0 bytes/,
    make: (file) => makeRaw(file, 0),
  },
  {
    what: "a VMDK that is a list of other files",
    format: "vmdk",
    code: "IMAGE_EXTERNAL_DATA",
    text: /uses a data file, "RW/,
    make: (file) => create("vmdk", file, "-o", "subformat=monolithicFlat"),
  },
  {
    what: "a VMDK with a parent",
    format: "vmdk",
    code: "IMAGE_BACKING_FILE",
    text: /uses a parent, "\/etc\/shadow"/,
    make: withVmdkText((text) => `${text}\nparentFileNameHint="/etc/shadow"\n`),
  },
  {
    what: "a VMDK whose parent hides behind a NUL",
    format: "vmdk",
    code: "IMAGE_BACKING_FILE",
    text: /uses a parent, "\/etc\/shadow"/,
    make: withVmdkText((text) => `${text}\0\nparentFileNameHint="/etc/shadow"\n`),
  },
  {
    what: "a VMDK of capacity 0, whose extents QEMU would open",
    format: "vmdk",
    code: "IMAGE_BAD_SIZE",
    text: /size of 0 bytes/,
    make: patched("vmdk", 12, Buffer.alloc(8)),
  },
  {
    what: "a VMDK with a flat extent",
    format: "vmdk",
    code: "IMAGE_EXTERNAL_DATA",
    text: /shadow/,
    make: withVmdkText((text) => text.replace(/^RW.*$/m, 'RW 2048 FLAT "/etc/shadow" 0')),
  },
  {
    what: "a VMDK of another type",
    format: "vmdk",
    code: "IMAGE_UNSUPPORTED",
    text: /type "vmfsSparse", expected monolithicSparse or streamOptimized/,
    make: withVmdkText((text) => text.replace("monolithicSparse", "vmfsSparse")),
  },
  {
    what: "a differencing VDI",
    format: "vdi",
    code: "IMAGE_BACKING_FILE",
    text: /image type 4/,
    make: patched("vdi", 76, Buffer.from([4, 0, 0, 0])),
  },
  {
    what: "a VDI with a parent",
    format: "vdi",
    code: "IMAGE_BACKING_FILE",
    text: /UUID 01010101/,
    make: patched("vdi", 440, Buffer.alloc(16, 1)),
  },
];

describe("refusing an image", () => {
  for (const { what, format, code, text, make } of refused) {
    it(what, async () => {
      await using folder = await openFolder();
      await qemuImg("create", "-q", "-f", "qcow2", path.join(folder.path, "base.qcow2"), "1M");
      const file = path.join(folder.path, "image");
      await make(file, folder.path);
      const strict = testContext();
      await assert.rejects(inspectImage(file, strict, { format }), isError(code, text));
    });
  }

  it("never lets another program see an image that names other files", async () => {
    await using folder = await openFolder();
    const file = path.join(folder.path, "image");
    await create("qcow2", file, "-u", "-b", "/etc/shadow", "-F", "raw");
    const context = testContext({ run: () => Promise.reject(new Error("a program was run")) });
    await assert.rejects(
      inspectImage(file, context, { format: "qcow2" }),
      isError("IMAGE_BACKING_FILE", /flat|shadow/),
    );
  });

  it("a fifo, without waiting for its writer", async () => {
    await using folder = await openFolder();
    const file = path.join(folder.path, "image");
    execFileSync("mkfifo", [file]);
    await assert.rejects(
      inspectImage(file, testContext(), { format: "raw" }),
      isError("LIB_IO", /not a plain file/),
    );
  });

  it("a missing file, by its name", async () => {
    await assert.rejects(
      inspectImage("/nowhere/disk.raw", testContext(), { format: "raw" }),
      isError("LIB_IO", /^\/nowhere\/disk\.raw: no such file/),
    );
  });
});
