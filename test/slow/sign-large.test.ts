import assert from "node:assert/strict";
import { mkdir, realpath, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { readRpm } from "../../src/rpm/index.ts";
import { openSigner, signRpm } from "../../src/sign/index.ts";
import { buildInto, packagePlan, stagedFile } from "../fixtures/package-plan.ts";
import { type BundledProgram, openMeasuredProgram } from "../support/bundled-program.ts";
import { testContext } from "../support/context.ts";
import { PrivateGpg, PrivateRpm } from "../support/private-gpg.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { traceFile } from "../support/traced-file.ts";

const DISK_BYTES = 5 * 2 ** 30;
/** How many times faster than rpmsign it has to be, without the start of the program, which takes longer than the work. */
const RATIO = 50;

describe("signing a package of 5 GiB", () => {
  const folder = temporaryFolder();
  let program: BundledProgram;
  let gpg: PrivateGpg;
  let file: string;

  before(async () => {
    program = await openMeasuredProgram();
    gpg = new PrivateGpg(folder);
    await mkdir(path.join(folder, "staging"));
    await writeFile(path.join(folder, "staging/disk"), "");
    await truncate(path.join(folder, "staging/disk"), DISK_BYTES);
    const plan = packagePlan({ entries: [stagedFile("/opt/disk", "disk")] });
    file = await realpath((await buildInto(folder, plan)).path);
  });
  after(async () => {
    await gpg.stop();
    await program[Symbol.asyncDispose]();
  });

  it("touches no byte of the payload, and is much faster than rpmsign", async () => {
    const key = await gpg.makeKey("large", "rsa4096", "sign", "never");
    const { headerEnd, fileSizeBytes } = await readRpm(file);
    assert.ok(fileSizeBytes > DISK_BYTES);
    // The package has just been written: as much of it as fits is in the page cache, which makes rpmsign fast.
    const theirs = await secondsOf(() =>
      gpg.rpmsign(["--define", "_gpg_name large@example.com", "--addsign", file]),
    );
    const signer = await openSigner({ key: key.secret, folder, now: new Date() });
    const ours = await secondsOf(() => signRpm(file, signer, testContext()));
    assert.ok(theirs / ours >= RATIO, `rpmsign took ${theirs} s, we took ${ours} s`);
    const command = [process.execPath, program.main, "sign", file, "--key", key.secret];
    const calls = await traceFile(command, file, { trace: path.join(folder, "trace") });
    const ends = calls.flatMap(({ range }) => range?.end ?? []);
    assert.ok(ends.length > 0 && Math.max(...ends) <= headerEnd, JSON.stringify(calls));
    const rpm = new PrivateRpm(folder);
    await rpm.import(key.public);
    assert.match((await rpm.check(file)).text, /: digests signatures OK\n$/);
  });
});

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}
