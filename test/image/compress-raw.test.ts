import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { compressRaw, copySparse } from "../../src/image/index.ts";
import { makeRun } from "../../src/lib/exec.ts";
import { testContext } from "../support/context.ts";
import { isError } from "../support/is-error.ts";
import { makeRaw } from "../fixtures/disk-images.ts";
import { openFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;

describe("compressing a raw disk", () => {
  it("returns digest and size of the expanded content, and keeps holes", async () => {
    await using folder = await openFolder();
    const from = await makeRaw(path.join(folder.path, "disk.raw"), 50 * MIB);
    const to = path.join(folder.path, "disk.raw.zst");
    const made = await compressRaw({ from, to }, testContext());
    const raw = await readFile(from);
    assert.equal(made.bytes, raw.length);
    assert.equal(made.sha256, createHash("sha256").update(raw).digest("hex"));
    assert.equal(made.fileSizeBytes, (await stat(to)).size);
    const back = path.join(folder.path, "back.raw");
    execFileSync("zstd", ["-q", "-d", to, "-o", back]);
    assert.ok(raw.equals(await readFile(back)));
    assert.ok((await stat(back)).blocks * 512 < MIB);
  });

  it("makes the same bytes each time", async () => {
    await using folder = await openFolder();
    const from = await makeRaw(path.join(folder.path, "disk.raw"), 50 * MIB);
    const results: Buffer[] = [];
    for (const name of ["a", "b"]) {
      const to = path.join(folder.path, name);
      await compressRaw({ from, to }, testContext());
      results.push(await readFile(to));
    }
    assert.ok(results[0]?.equals(results[1] ?? Buffer.alloc(0)));
  });

  it("leaves nothing behind when it is interrupted", async () => {
    await using folder = await openFolder();
    const from = await makeRaw(path.join(folder.path, "disk.raw"), 200 * MIB);
    const abort = new AbortController();
    const context = testContext({
      signal: abort.signal,
      run: makeRun(process.env["PATH"] ?? "", abort.signal),
      progress: { start: () => ({ advance: () => abort.abort(), done: () => {} }) },
    });
    await assert.rejects(
      compressRaw({ from, to: path.join(folder.path, "disk.raw.zst") }, context),
      isError("LIB_INTERRUPTED", /interrupted/),
    );
    assert.deepEqual(await readdir(folder.path), ["disk.raw"]);
  });

  it("names a source that is not there", async () => {
    await using folder = await openFolder();
    const to = path.join(folder.path, "x.zst");
    await assert.rejects(
      compressRaw({ from: "/nowhere/x.raw", to }, testContext()),
      isError("LIB_IO", /^\/nowhere\/x\.raw: no such file/),
    );
    assert.deepEqual(await readdir(folder.path), []);
  });
});

describe("copying sparsely", () => {
  it("keeps content and holes", async () => {
    await using folder = await openFolder();
    const from = await makeRaw(path.join(folder.path, "disk.raw"), 50 * MIB);
    const to = path.join(folder.path, "copy.raw");
    assert.equal(await copySparse({ from, to }, testContext()), 50 * MIB);
    assert.ok((await readFile(from)).equals(await readFile(to)));
    assert.ok((await stat(to)).blocks * 512 < MIB);
  });
});
