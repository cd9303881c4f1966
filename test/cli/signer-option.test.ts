import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { RunResult } from "../../src/lib/exec.ts";
import { descriptorOf, noise, writeAppliance } from "../fixtures/appliance-folder.ts";
import { smallPackage } from "../fixtures/unsigned-package.ts";
import { type BundledProgram, openMeasuredProgram } from "../support/bundled-program.ts";
import { testContext } from "../support/context.ts";
import { PrivateGpg, PrivateRpm } from "../support/private-gpg.ts";
import { runProgram } from "../support/run-program.ts";
import { namesIn, temporaryFolder } from "../support/temporary.ts";

const { run } = testContext();

const PASSPHRASE = "correct horse";
const ADDRESS = "signer@example.com";

describe("--signer on the command line", () => {
  const folder = temporaryFolder();
  let built: BundledProgram;
  let gpg: PrivateGpg;
  let publicFile: string;
  let rpm: PrivateRpm;
  let signScript: string;

  /** Runs the program within this process, with gpg's home and a folder of keys. */
  function va(line: string, env: Record<string, string> = {}): Promise<RunResult> {
    return runProgram(line.split(" "), { env: { ...gpg.env, XDG_DATA_HOME: folder, ...env } });
  }

  async function done(line: string): Promise<RunResult> {
    const result = await va(line);
    assert.equal(result.exitCode, 0, result.stderr);
    return result;
  }

  async function script(name: string, body: string): Promise<string> {
    const file = path.join(folder, name);
    await writeFile(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return file;
  }

  before(async function () {
    this.timeout(60_000);
    built = await openMeasuredProgram();
    gpg = new PrivateGpg(folder);
    await mkdir(gpg.home, { mode: 0o700 });
    const conf = "default-cache-ttl 3600\nallow-preset-passphrase\n";
    await writeFile(path.join(gpg.home, "gpg-agent.conf"), conf);
    const name = `Signer <${ADDRESS}>`;
    await gpg.run([
      "--passphrase",
      PASSPHRASE,
      "--quick-gen-key",
      name,
      "rsa2048",
      "sign",
      "never",
    ]);
    await gpg.presetPassphrase("signer", PASSPHRASE);
    publicFile = path.join(folder, "signer.asc");
    await writeFile(publicFile, await gpg.quiet("--armor", "--export", `<${ADDRESS}>`));
    await mkdir(path.join(folder, "virt-appliance/keys"), { recursive: true });
    const named = path.join(folder, "virt-appliance/keys/RPM-GPG-KEY-release");
    await writeFile(named, await readFile(publicFile));
    rpm = new PrivateRpm(folder);
    await rpm.import(publicFile);
    const by = '--local-user "$VIRT_APPLIANCE_SIGNER_FINGERPRINT!"';
    signScript = await script(
      "sign.sh",
      `exec gpg --batch ${by} --digest-algo SHA512 --detach-sign`,
    );
  });

  after(async () => {
    await gpg.stop();
    await built[Symbol.asyncDispose]();
  });

  /** Returns the signer's options for a command whose option for the key has this name. */
  const signers = (key: string): readonly string[] => [
    `--signer gpg:${ADDRESS}`,
    `--signer exec:${signScript} ${key} release`,
  ];

  it("signs packages", async () => {
    for (const signer of signers("--key")) {
      const file = await smallPackage("by-option.rpm");
      assert.equal((await done(`sign ${file} ${signer}`)).stdout, `${file}\n`);
      assert.ok((await rpm.check(file, "--define", "_pkgverify_level signature")).ok);
    }
  });

  it("signs what build makes, and leaves nothing when the signer fails", async function () {
    this.timeout(60_000);
    const source = path.join(folder, "web");
    await writeAppliance(source, descriptorOf([{ file: "root.raw" }]), { "root.raw": noise(4096) });
    const out = path.join(folder, "out");
    for (const signer of signers("--sign")) {
      const { stdout } = await done(`build ${source} -o ${out} ${signer}`);
      const file = stdout.trim();
      assert.ok((await rpm.check(file, "--define", "_pkgverify_level signature")).ok);
    }
    const failing = await script("failing.sh", "echo no token >&2; exit 1");
    const empty = path.join(folder, "nothing");
    for (const command of [`build ${source} --sign`, "host-package --key"]) {
      const failed = await va(`${command} release -o ${empty} --signer exec:${failing}`);
      assert.equal(failed.exitCode, 1);
      assert.match(failed.stderr, /ended with status 1.*SIGN_SIGNER_FAILED\]\n.*no token\n$/);
      assert.deepEqual(await namesIn(empty), []);
    }
  });

  it("signs a repository's metadata, as gpgv reads it", async function () {
    this.timeout(60_000);
    const ring = path.join(folder, "ring.gpg");
    await gpg.quiet("--no-armor", "--output", ring, "--export", `<${ADDRESS}>`);
    for (const [index, signer] of signers("--key").entries()) {
      const repo = path.join(folder, `repo-${index}`);
      const what = "--name web --base-url https://example.com/web --no-host-package";
      await done(`repo init ${repo} ${what} ${signer}`);
      const file = await smallPackage("small.rpm");
      await done(`sign ${file} --signer gpg:${ADDRESS}`);
      // Without --key, the program signs with the repository's key.
      const own = index === 0 ? signer : `--signer exec:${signScript}`;
      await done(`repo add ${repo} ${file} --dry-run ${own}`);
      await done(`repo add ${repo} ${file} ${own}`);
      await done(`repo check ${repo}`);
      const { stdout } = await run("find", [`${repo}/`, "-follow", "-name", "repomd.xml.asc"]);
      const [signature = ""] = stdout.split("\n");
      const args = ["--keyring", ring, signature, signature.replace(/\.asc$/, "")];
      assert.match((await run("gpgv", args)).stderr, /Good signature/);
      const before = await namesIn(path.join(repo, "repodata"));
      const failing = await script("failing.sh", "exit 1");
      const format = "%{NAME}-%{VERSION}-%{RELEASE}";
      const { stdout: name } = await run("rpm", ["-qp", "--nosignature", "--qf", format, file]);
      const failed = await va(`repo remove ${repo} ${name} --signer exec:${failing}`);
      assert.match(failed.stderr, /SIGN_SIGNER_FAILED/);
      assert.deepEqual(await namesIn(path.join(repo, "repodata")), before);
      await done(`repo check ${repo}`);
    }
  });

  it("asks no signer in a dry run", async () => {
    const repo = path.join(folder, "dry");
    const what = "--name dry --base-url https://example.com/dry --no-host-package";
    await done(`repo init ${repo} ${what} --signer gpg:${ADDRESS}`);
    const file = await smallPackage("dry.rpm");
    await done(`sign ${file} --signer gpg:${ADDRESS}`);
    const failing = await script("asked.sh", `touch ${folder}/asked; exit 1`);
    await done(`repo add ${repo} ${file} --dry-run --signer exec:${failing}`);
    assert.ok(!(await namesIn(folder)).includes("asked"));
  });

  it("refuses options that do not go together", async () => {
    const file = await smallPackage("usage.rpm");
    for (const [line, message] of [
      [`sign ${file}`, /missing --key or --signer/],
      [`sign ${file} --signer card`, /--signer: "card", expected gpg:KEYID or exec:PROGRAM/],
      [`sign ${file} --signer gpg:`, /--signer: "gpg:", expected/],
      [`sign ${file} --signer gpg:${ADDRESS} --key release`, /--key: cannot be used with/],
      [`build ${folder} --signer gpg:${ADDRESS} --sign release`, /--sign: cannot be used with/],
      [`sign ${file} --signer exec:${signScript}`, /exec: needs --key with the public key/],
      [`build ${folder} --signer exec:${signScript}`, /exec: needs --sign with the public key/],
      [`sign ${file} --signer gpg:${ADDRESS} --passphrase-fd 5`, /--passphrase-fd: cannot be/],
      [
        `repo init ${folder}/r --name r --base-url https://e.com/r --unsigned --signer gpg:x`,
        /expected either --key, --signer or --unsigned/,
      ],
    ] as const) {
      const { exitCode, stderr } = await va(line);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, message);
    }
  });

  it("neither shows secrets to other processes nor reads them", async function () {
    this.timeout(60_000);
    const file = await smallPackage("traced.rpm");
    const trace = path.join(folder, "trace");
    const calls = "execve,read,pread64,readv,recvfrom,recvmsg,openat";
    const strace = ["-f", "-v", "-s", "65536", "-e", `trace=${calls}`, "-o", trace];
    const program = ["node", built.main, "sign", file, "--signer", `gpg:${ADDRESS}`];
    const env = { ...gpg.env, VIRT_APPLIANCE_PASSPHRASE: "battery staple" };
    await run("strace", [...strace, ...program], { env });
    assert.ok((await rpm.check(file, "--define", "_pkgverify_level signature")).ok);
    const lines = (await readFile(trace, "utf8")).split("\n");
    const started = lines.filter((line) => line.includes("execve("));
    const ofGpg = started.filter((line) => line.includes('["gpg"'));
    assert.ok(ofGpg.some((line) => line.includes('"--detach-sign"')));
    assert.ok(ofGpg.every((line) => !line.includes("battery staple")));
    // The agent runs already, and only it reads these.
    for (const secret of [PASSPHRASE, "private-keys-v1.d/"]) {
      const found = lines.filter((line) => line.includes(secret));
      assert.deepEqual(found, []);
    }
  });
});
