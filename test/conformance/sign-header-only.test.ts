import assert from "node:assert/strict";
import { mkdir, realpath, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { readRpm } from "../../src/rpm/index.ts";
import { buildInto, packagePlan, stagedFile } from "../fixtures/package-plan.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { type BundledProgram, openMeasuredProgram } from "../support/bundled-program.ts";
import { PrivateRpm } from "../support/private-gpg.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { traceFile } from "../support/traced-file.ts";

describe("signing, as the kernel sees it", () => {
  const folder = temporaryFolder();
  let program: BundledProgram;
  let file: string;

  before(async () => {
    program = await openMeasuredProgram();
    await mkdir(path.join(folder, "staging"));
    await writeFile(path.join(folder, "staging/disk"), "");
    await truncate(path.join(folder, "staging/disk"), 20_000_000);
    const plan = packagePlan({ entries: [stagedFile("/opt/disk", "disk")] });
    const built = await buildInto(folder, plan);
    file = await realpath(built.path);
  });
  after(() => program[Symbol.asyncDispose]());

  it("reads and writes no byte of the payload, and writes none outside of the signature header", async () => {
    const { folder: keys, generated } = await testKey();
    const before = await readRpm(file);
    const command = [process.execPath, program.main, "sign", file, "--key", "test", "--keys", keys];
    const calls = await traceFile(command, file, { trace: path.join(folder, "trace") });
    const moved = calls.flatMap(({ name, range }) =>
      range === undefined ? [] : [{ name, ...range }],
    );
    const read = moved.filter(({ name }) => name === "pread64");
    const written = moved.filter(({ name }) => name === "pwrite64");
    assert.ok(read.length > 0 && written.length > 0, JSON.stringify(calls));
    assert.ok(Math.max(...read.map(({ end }) => end)) <= before.headerEnd, JSON.stringify(read));
    for (const { start, end } of written)
      assert.ok(start >= before.signatureStart && end <= before.headerStart, `${start} to ${end}`);
    assert.equal((await stat(file)).size, before.fileSizeBytes);
    const rpm = new PrivateRpm(folder);
    await rpm.import(generated.publicPath);
    assert.match((await rpm.check(file)).text, /: digests signatures OK\n$/);
  });
});
