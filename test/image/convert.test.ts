import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { convertImage, flattenImage, inspectImage } from "../../src/image/index.ts";
import { makeRun } from "../../src/lib/exec.ts";
import { testContext } from "../support/context.ts";
import { isError } from "../support/is-error.ts";
import { makeRaw, qemuImg } from "../fixtures/disk-images.ts";
import { openFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;

async function digest(file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

describe("converting an image", () => {
  for (const compression of ["zstd", "zlib"] as const) {
    it(`makes a qcow2 compressed with ${compression}, equal to its source`, async () => {
      await using folder = await openFolder();
      const from = await makeRaw(path.join(folder.path, "disk,1.raw"), 20 * MIB);
      const to = path.join(folder.path, "disk.qcow2");
      const made = await convertImage({ from, fromFormat: "raw", to, compression }, testContext());
      assert.equal(made.virtualSizeBytes, 20 * MIB);
      const facts = await inspectImage(to, testContext(), { format: "qcow2" });
      assert.equal(facts.fileSizeBytes, made.fileSizeBytes);
      assert.equal(facts.qcow2?.compression, compression);
      assert.equal(facts.qcow2.clusterSizeBytes, 65536);
      await qemuImg("compare", "-f", "raw", "-F", "qcow2", from, to);
    });
  }

  it("makes the same bytes each time", async () => {
    await using folder = await openFolder();
    const from = path.join(folder.path, "disk.raw");
    const noise = Buffer.alloc(24 * MIB);
    for (let i = 0; i < noise.length; i += 1) noise[i] = (i * i) >> ((i >> 16) % 13);
    await writeFile(from, noise);
    const digests = new Set<string>();
    for (const name of ["a", "b", "c"]) {
      const to = path.join(folder.path, `${name}.qcow2`);
      await convertImage({ from, fromFormat: "raw", to, compression: "zstd" }, testContext());
      digests.add(await digest(to));
    }
    assert.equal(digests.size, 1);
  });

  for (const sizeBytes of [512, 65536 + 512, 3 * 65536 - 512]) {
    it(`keeps a size of ${sizeBytes} bytes, which is no multiple of a cluster`, async () => {
      await using folder = await openFolder();
      const from = await makeRaw(path.join(folder.path, "disk.raw"), sizeBytes);
      const to = path.join(folder.path, "disk.qcow2");
      await convertImage({ from, fromFormat: "raw", to, compression: "zstd" }, testContext());
      const facts = await inspectImage(to, testContext(), { format: "qcow2" });
      assert.equal(facts.virtualSizeBytes, sizeBytes);
    });
  }

  it("converts an empty disk of 100 GiB at once", async () => {
    await using folder = await openFolder();
    const from = await makeRaw(path.join(folder.path, "disk.raw"), 100 * 1024 * MIB);
    const to = path.join(folder.path, "disk.qcow2");
    const started = Date.now();
    await convertImage({ from, fromFormat: "raw", to, compression: "zstd" }, testContext());
    assert.ok(Date.now() - started < 20_000);
  });

  it("reads vmdk and vdi", async () => {
    await using folder = await openFolder();
    const raw = await makeRaw(path.join(folder.path, "disk.raw"), 3 * MIB);
    for (const fromFormat of ["vmdk", "vdi"] as const) {
      const from = path.join(folder.path, `disk.${fromFormat}`);
      await qemuImg("convert", "-f", "raw", "-O", fromFormat, raw, from);
      const to = path.join(folder.path, `${fromFormat}.qcow2`);
      await convertImage({ from, fromFormat, to, compression: "zstd" }, testContext());
      await qemuImg("compare", "-f", "raw", "-F", "qcow2", raw, to);
    }
  });

  it("reports progress up to the size of the disk", async () => {
    await using folder = await openFolder();
    const from = await makeRaw(path.join(folder.path, "disk.raw"), 20 * MIB);
    const totals: number[] = [];
    const sums: number[] = [];
    const start = (_label: string, total?: number): { advance(n: number): void; done(): void } => {
      const index = totals.push(total ?? -1) - 1;
      sums.push(0);
      return { advance: (n) => (sums[index] = (sums[index] ?? 0) + n), done: () => {} };
    };
    const to = path.join(folder.path, "disk.qcow2");
    await convertImage(
      { from, fromFormat: "raw", to, compression: "zstd" },
      testContext({ progress: { start } }),
    );
    assert.deepEqual(totals, [20 * MIB, 20 * MIB]);
    assert.equal(sums[0], 20 * MIB);
  });

  it("does not accept a result that differs", async () => {
    await using folder = await openFolder();
    const from = await makeRaw(path.join(folder.path, "disk.raw"), 3 * MIB);
    const to = path.join(folder.path, "disk.qcow2");
    const real = testContext();
    const context = testContext({
      run: async (file, args, options) => {
        if (args[0] === "compare") await makeRaw(from, 3 * MIB, "written by a running VM ");
        return real.run(file, args, options);
      },
    });
    await assert.rejects(
      convertImage({ from, fromFormat: "raw", to, compression: "zstd" }, context),
      isError("IMAGE_DIFFERS", /Content mismatch at offset 0/),
    );
    assert.deepEqual(await readdir(folder.path), ["disk.raw"]);
  });

  it("accepts only status 0 of qemu-img as success, whatever it has written", async () => {
    await using folder = await openFolder();
    const from = await makeRaw(path.join(folder.path, "disk.raw"), MIB);
    const to = path.join(folder.path, "disk.qcow2");
    const real = testContext();
    for (const [command, status, code] of [
      ["convert", 1, "LIB_EXEC_FAILED"],
      ["convert", 2, "LIB_EXEC_FAILED"],
      ["compare", 1, "IMAGE_DIFFERS"],
      ["compare", 2, "LIB_EXEC_FAILED"],
    ] as const) {
      const context = testContext({
        run: async (file, args, options) => {
          const result = await real.run(file, args, options);
          return args[0] === command ? real.run("sh", ["-c", `exit ${status}`], options) : result;
        },
      });
      const request = { from, fromFormat: "raw", to } as const;
      const works: readonly (() => Promise<unknown>)[] = [
        () => convertImage({ ...request, compression: "zstd" }, context),
        () => flattenImage(request, context),
      ];
      for (const work of works) await assert.rejects(work(), { code }, `${command}: ${status}`);
      assert.deepEqual(await readdir(folder.path), ["disk.raw"]);
    }
  });

  it("leaves nothing behind when it is interrupted", async () => {
    await using folder = await openFolder();
    const from = path.join(folder.path, "disk.raw");
    await writeFile(from, Buffer.alloc(200 * MIB, "some text that compresses slowly "));
    const abort = new AbortController();
    const context = testContext({
      signal: abort.signal,
      run: makeRun(process.env["PATH"] ?? "", abort.signal),
      progress: {
        start: () => ({ advance: () => abort.abort(), done: () => {} }),
      },
    });
    const to = path.join(folder.path, "disk.qcow2");
    await assert.rejects(
      convertImage({ from, fromFormat: "raw", to, compression: "zlib" }, context),
      isError("LIB_INTERRUPTED", /interrupted/),
    );
    assert.deepEqual(await readdir(folder.path), ["disk.raw"]);
  });

  it("says that the disk is full, and leaves nothing behind", async () => {
    await using folder = await openFolder();
    const from = await makeRaw(path.join(folder.path, "disk.raw"), 3 * MIB);
    await assert.rejects(
      convertImage(
        { from, fromFormat: "raw", to: "/dev/full/disk.qcow2", compression: "zstd" },
        testContext(),
      ),
      isError("LIB_IO", /not a folder/),
    );
    const full = testContext({
      run: () =>
        testContext().run("sh", [
          "-c",
          "echo 'qemu-img: error: No space left on device' >&2; exit 1",
        ]),
    });
    const to = path.join(folder.path, "disk.qcow2");
    await assert.rejects(
      convertImage({ from, fromFormat: "raw", to, compression: "zstd" }, full),
      isError("LIB_NO_SPACE", /disk\.qcow2: no space left/),
    );
    assert.deepEqual(await readdir(folder.path), ["disk.raw"]);
  });
});
