import assert from "node:assert/strict";
import { createWriteStream } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { signRpm, verifyRpm } from "../../src/sign/index.ts";
import { type BundledProgram, openBundledProgram } from "../support/bundled-program.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../fixtures/signing-key.ts";

const { run } = testContext();
const RPMLINT_TOML = path.join(import.meta.dirname, "../../spec-templates/rpmlint.toml");

describe("package of the command line", () => {
  let program: BundledProgram;
  let rpm: string;
  before(async () => {
    program = await openBundledProgram();
    rpm = (await program.run("tool-package", "-o", path.join(program.folder, "out"))).trim();
  });
  after(() => program[Symbol.asyncDispose]());

  const query = async (...args: string[]): Promise<string> =>
    (await run("rpm", ["-qp", ...args, rpm])).stdout;

  /** Unpacks the package as rpm would, below a folder. */
  async function unpack(folder: string): Promise<void> {
    await mkdir(folder);
    const archive = path.join(program.folder, "payload.cpio");
    await run("rpm2cpio", [rpm], { output: createWriteStream(archive) });
    await run("cpio", ["-idm", "--quiet", "-F", archive], { cwd: folder });
  }

  it("has good digests, and is what its name says", async () => {
    assert.match((await run("rpm", ["-K", rpm])).stdout, /: digests OK$/m);
    assert.equal(path.basename(rpm), `${(await query("--qf", "%{nvra}")).trim()}.rpm`);
    const about = await query("-i");
    assert.match(about, /^Name +: virt-appliance$/m);
    assert.match(about, /^License +: Apache-2\.0 AND .*LGPL-3\.0-or-later/m);
    const provides = await query("--provides");
    for (const name of ["yargs", "openpgp", "execa", "@xmldom/xmldom", "saxes"]) {
      assert.match(provides, new RegExp(`^bundled\\(npm\\(${name}\\)\\) = \\d`, "m"));
    }
    assert.deepEqual((await query("-L")).trim().split("\n"), [
      "/usr/share/licenses/virt-appliance/LICENSE",
      "/usr/share/licenses/virt-appliance/THIRD-PARTY.txt",
    ]);
  });

  it("pleases rpmlint", async () => {
    const signed = path.join(program.folder, path.basename(rpm));
    await run("cp", [rpm, signed]);
    const { signer, keyring } = await testKey();
    await signRpm(signed, signer, testContext());
    assert.equal((await verifyRpm(signed, { keyring }, testContext())).ok, true);
    const { stdout } = await run("rpmlint", ["-c", RPMLINT_TOML, signed], {
      acceptExitCodes: [64],
    });
    assert.match(stdout, / 1 packages .* 0 errors, 0 warnings/, stdout);
  });

  it("holds no file that another of our packages owns", async () => {
    const out = path.join(program.folder, "host");
    const host = (await program.run("host-package", "-o", out)).trim();
    const theirs = new Set((await run("rpm", ["-qpl", host])).stdout.trim().split("\n"));
    const ours = (await query("-l")).trim().split("\n");
    assert.deepEqual(
      ours.filter((file) => theirs.has(file)),
      [],
    );
    assert.ok(ours.includes("/usr/share/man/man1/virt-appliance.1.gz"));
  });

  it("is made again, to the byte, by the program that it installs", async () => {
    const root = path.join(program.folder, "root");
    await unpack(root);
    const main = path.join(root, "usr/share/virt-appliance/cli/dist/bundle/main.js");
    const again = path.join(program.folder, "again");
    const { stdout } = await run(process.execPath, [main, "tool-package", "-o", again]);
    assert.ok((await readFile(stdout.trim())).equals(await readFile(rpm)));
  });

  it("is in a new repository, beside the host package", async () => {
    const repository = path.join(program.folder, "repository");
    const names = ["--name", "demo", "--base-url", "https://example.com/demo"];
    const said = await program.run("repo", "init", repository, ...names, "--unsigned");
    assert.match(said, /^added virt-appliance-host-\S+\.noarch\.rpm$/m);
    assert.match(said, /^added virt-appliance-\d\S+\.noarch\.rpm$/m);
  });
});
