import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { descriptorOf, writeAppliance } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { openSmallRpms, type SmallRpms } from "../fixtures/small-rpm.ts";

const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Calls that fail, each at its first few uses: what a dying disk, a full table or a lost server gives. */
const refusals: readonly string[] = [
  "fsync:error=EIO",
  "rename:error=EIO",
  "unlink:error=EIO",
  "rmdir:error=EIO",
  "link:error=ESTALE",
  "mkdir:error=EUCLEAN",
  "ftruncate:error=EIO",
  "fchmod:error=EIO",
];

describe("what the system refuses", function () {
  this.timeout(600_000);
  const context = testContext();
  let rpms: SmallRpms;
  let sound: string;
  let key: string[];
  let one: string;
  let appliance: string;

  before(async () => {
    rpms = await openSmallRpms();
    one = await rpms.make("one");
    sound = path.join(rpms.folder, "sound");
    appliance = path.join(rpms.folder, "web");
    const disk = { "disk.raw": randomBytes(64 * 1024) };
    await writeAppliance(appliance, descriptorOf([{ file: "disk.raw" }]), disk);
    key = ["--keys", (await testKey()).folder];
    const names = ["--name", "demo", "--base-url", "https://example.com/demo", "--key", "test"];
    const made = await run([], ["repo", "init", sound, ...names, "--no-host-package", ...key]);
    assert.equal(made.exitCode, 0, made.stderr);
  });
  after(() => rpms[Symbol.asyncDispose]());

  async function run(
    wrapper: readonly string[],
    args: readonly string[],
  ): Promise<{ readonly exitCode: number; readonly stderr: string }> {
    const [file = "", ...rest] = [...wrapper, "node", program, ...args];
    return context.run(file, rest, { acceptExitCodes: [1, 2, 3, 4] });
  }

  /** The message must be the program's own, and nothing incomplete may be left where users look. */
  async function expectPlain(wrapper: readonly string[], label: string): Promise<void> {
    const folder = path.join(rpms.folder, "repository");
    await cp(sound, folder, { recursive: true, verbatimSymlinks: true });
    const { exitCode, stderr } = await run(wrapper, ["repo", "add", folder, one, ...key]);
    assert.doesNotMatch(stderr, /internal error|\n\s+at .*[.:]\d/, label);
    if (exitCode !== 0) assert.match(stderr, /\[[A-Z]+_[A-Z_]+\]/, label);
    const names = (await readdir(folder)).filter((name) => name.endsWith(".tmp"));
    assert.deepEqual(names, [], label);
    // Whatever was interrupted, the next run mends it.
    const again = await run([], ["repo", "add", folder, one, ...key]);
    assert.equal(again.exitCode, 0, `${label}: ${again.stderr}`);
    const check = await run([], ["repo", "check", folder]);
    assert.equal(check.exitCode, 0, `${label}: ${check.stderr}`);
    await rm(folder, { recursive: true });
  }

  for (const refusal of refusals) {
    it(`is told in the program's own words: ${refusal}`, async () => {
      for (const when of [1, 3]) {
        const inject = `inject=${refusal}:when=${when}`;
        const strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject];
        await expectPlain(strace, `${refusal}, use ${when}`);
      }
    });
  }

  it("is told in the program's own words: open files", async () => {
    for (const limit of [24, 64]) {
      await expectPlain(
        ["sh", "-c", 'ulimit -n "$1"; shift; exec "$@"', "sh", String(limit)],
        `${limit} open files`,
      );
    }
  });

  it("is told in the program's own words: the size of files", async () => {
    for (const blocks of [1, 4, 8]) {
      const wrapper = ["sh", "-c", 'ulimit -f "$1"; shift; exec "$@"', "sh", String(blocks)];
      await expectPlain(wrapper, `files of ${blocks} blocks`);
      const folder = path.join(rpms.folder, "packed");
      await mkdir(folder);
      const packed = path.join(folder, "web.tar.zst");
      const { exitCode, stderr } = await run(wrapper, ["pack", appliance, "-o", packed]);
      assert.equal(exitCode, 1, stderr);
      assert.match(
        stderr,
        /web\.tar\.zst: larger than the limit of the file system or of the process.*\n {2}hint: /,
      );
      assert.deepEqual(await readdir(folder), []);
      await rm(folder, { recursive: true });
    }
  });
});
