import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { RunResult } from "../../src/lib/exec.ts";
import { smallPackage } from "../fixtures/unsigned-package.ts";
import { type BundledProgram, openMeasuredProgram } from "../support/bundled-program.ts";
import { testContext } from "../support/context.ts";
import { runProgram } from "../support/run-program.ts";
import { temporaryFolder } from "../support/temporary.ts";

const { run } = testContext();
const anyStatus = [1, 2, 3, 4, 130];

describe("keys, sign and verify on the command line", () => {
  let built: BundledProgram;
  const home = temporaryFolder();
  let keys: string;

  /** Runs a line of shell in which `va` is the program, with a private folder of keys. */
  async function shell(line: string, env: Record<string, string> = {}): Promise<RunResult> {
    const script = `va() { node ${built.main} "$@"; }; ${line}`;
    return run("bash", ["-c", script], {
      env: { XDG_DATA_HOME: home, HOME: home, ...env },
      acceptExitCodes: anyStatus,
    });
  }

  /** Runs the program within this process, with a private folder of keys. */
  function va(line: string, env: Record<string, string> = {}): Promise<RunResult> {
    const own = { XDG_DATA_HOME: home, HOME: home };
    return runProgram(line.split(" "), { env: { ...own, ...env }, acceptExitCodes: anyStatus });
  }

  before(async () => {
    built = await openMeasuredProgram();
    keys = path.join(home, "virt-appliance", "keys");
    const { exitCode, stdout, stderr } = await shell(
      "va keys generate --name locked --email builders@example.com --passphrase-fd 5 5<<< 'correct horse'",
    );
    assert.equal(exitCode, 0, stderr);
    assert.equal(stdout, `${keys}/RPM-GPG-KEY-locked\n${keys}/locked.secret.asc\n`);
  });

  after(async () => {
    await built[Symbol.asyncDispose]();
  });

  it("lists and exports keys", async () => {
    const listed = await va("keys list");
    assert.match(
      listed.stdout,
      /^NAME .* USER ID\nlocked {2}[0-9a-f]{40} {2}RSA-4096 .* never +public, secret /,
    );
    const [key]: { name: string; fingerprint: string; userIds: string[] }[] = JSON.parse(
      (await va("keys list --json")).stdout,
    );
    assert.equal(key?.name, "locked");
    assert.deepEqual(key.userIds, ["locked <builders@example.com>"]);
    const exported = await va(`keys export ${key.fingerprint}`);
    assert.equal(exported.stdout, await readFile(`${keys}/RPM-GPG-KEY-locked`, "utf8"));
  });

  it("exports a key into a file, again if need be, but never over anything else", async () => {
    const output = path.join(home, "exported");
    for (const time of ["first", "second"]) {
      const { exitCode, stdout, stderr } = await va(`keys export locked -o ${output}`);
      assert.deepEqual([exitCode, stdout], [0, `${output}\n`], `${time}: ${stderr}`);
    }
    const secret = await readFile(`${keys}/locked.secret.asc`, "utf8");
    const refused = await va(`keys export locked -o ${keys}/locked.secret.asc`);
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /already exists.*\n.*\[CLI_FILE_EXISTS\]/);
    assert.equal(await readFile(`${keys}/locked.secret.asc`, "utf8"), secret);
  });

  it("signs with the passphrase from a descriptor and from the environment, and verifies", async () => {
    const file = await smallPackage("cli.rpm");
    const byFd = await shell(`va sign ${file} --key locked --passphrase-fd 7 7<<< 'correct horse'`);
    assert.deepEqual([byFd.exitCode, byFd.stdout], [0, `${file}\n`], byFd.stderr);
    const env = { VIRT_APPLIANCE_PASSPHRASE: "correct horse", SOURCE_DATE_EPOCH: "1893456000" };
    const signed = await va(`sign ${file} --key locked --json`, env);
    const [key]: { fingerprint: string }[] = JSON.parse((await va("keys list --json")).stdout);
    assert.deepEqual(JSON.parse(signed.stdout), [
      {
        path: file,
        fingerprint: key?.fingerprint,
        rewritten: false,
        replaced: [],
        signatures: [{ tag: "RSA", keyId: key?.fingerprint.slice(-16) }],
      },
    ]);
    const time = await run("rpm", ["-qp", "--qf", "%{RSAHEADER:pgpsig}", file]);
    assert.match(time.stdout, /Jan .* 2030/);
  });

  it("adds and removes signatures, and several processes at once lose none", async () => {
    const names = ["locked", "one", "two"];
    for (const name of names.slice(1))
      await va(`keys generate --name ${name} --email ${name}@example.com`);
    const listed: { name: string; fingerprint: string }[] = JSON.parse(
      (await va("keys list --json")).stdout,
    );
    const ids = names.map(
      (name) => listed.find((key) => key.name === name)?.fingerprint.slice(-16) ?? name,
    );
    const [locked = "", one = "", two = ""] = ids;
    const file = await smallPackage("cli-several.rpm");
    const both = await shell(
      `va sign ${file} --key locked -k one --json --passphrase-fd 7 7<<< 'correct horse'`,
    );
    assert.equal(both.exitCode, 0, both.stderr);
    const tagged = (tags: readonly (readonly [string, string])[]): unknown =>
      tags.map(([tag, keyId]) => ({ tag, keyId }));
    const inOrder = tagged([
      ["RSA", locked],
      ["OPENPGP", locked],
      ["OPENPGP", one],
    ]);
    assert.deepEqual(JSON.parse(both.stdout)[0].signatures, inOrder);
    const inspected = await va(`inspect ${file}`);
    assert.ok(
      inspected.stdout.includes(`by key ${locked} (RSA, OPENPGP), key ${one} (OPENPGP); `),
      inspected.stdout,
    );
    assert.deepEqual(JSON.parse((await va(`inspect --json ${file}`)).stdout).signatures, inOrder);
    const removed = await va(`sign ${file} --remove ${locked} --remove ${one} --json`);
    assert.equal(removed.exitCode, 0, removed.stderr);
    assert.deepEqual(JSON.parse(removed.stdout), [
      { path: file, fingerprint: null, rewritten: false, replaced: inOrder, signatures: [] },
    ]);
    assert.equal(removed.stderr.includes("warning"), false, removed.stderr);

    const add = names.map((name) => `va sign --add ${file} --key ${name} &`).join(" ");
    const atOnce = await shell(`${add} wait`, { VIRT_APPLIANCE_PASSPHRASE: "correct horse" });
    assert.equal(atOnce.exitCode, 0, atOnce.stderr);
    const verified = await va(`verify ${file}`);
    assert.equal(verified.exitCode, 0, verified.stdout);
    for (const id of ids) assert.ok(verified.stdout.includes(`key ${id}: ok`), verified.stdout);

    const replaced = await va(`sign ${file} --key two`);
    assert.match(replaced.stderr, new RegExp(`warning: .*removed the signature of key ${one}`));
    const none = await va(`sign ${file} --remove ${one}`);
    assert.equal(none.exitCode, 1);
    assert.match(
      none.stderr,
      new RegExp(`no signature by the key ${one} .*SIGN_NO_SIGNATURE.*\n *signed by ${two} `),
    );
    assert.equal((await va(`sign ${file} --remove all`)).exitCode, 0);
    assert.equal((await va(`verify ${file}`)).exitCode, 3);
  });

  it("leaves a package alone when Ctrl-C comes while the signer works", async () => {
    const file = await smallPackage("cli-interrupted.rpm");
    const before = await readFile(file);
    const [slow, began] = [path.join(home, "slow.sh"), path.join(home, "began")];
    await writeFile(slow, `#!/bin/sh\n: > ${began}\nexec sleep 100\n`, { mode: 0o755 });
    const { exitCode, stderr } = await shell(
      `node ${built.main} sign ${file} --signer exec:${slow} --key locked & pid=$!
       until test -e ${began}; do sleep 0.1; done
       kill -INT $pid; wait $pid`,
    );
    assert.equal(exitCode, 130, stderr);
    assert.ok((await readFile(file)).equals(before));
    // Nothing holds the lock any more.
    const env = { VIRT_APPLIANCE_PASSPHRASE: "correct horse" };
    const after = await va(`sign ${file} --key locked`, env);
    assert.deepEqual([after.exitCode, after.stderr.includes("waiting")], [0, false], after.stderr);
  });

  for (const [line, message] of [
    ["", /missing --key or --signer/],
    ["--remove all --key locked", /--remove: cannot be used with --key/],
    ["--remove all --signer gpg:x", /--remove: cannot be used with --signer/],
    ["--remove all --add", /--remove: cannot be used with --add/],
    ["--remove locked", /--remove: "locked", expected all, or the fingerprint or long id/],
    ["--signer exec:./x --key a --key b", /--key: given twice with --signer/],
  ] as const) {
    it(`refuses sign ${line}`, async () => {
      const { exitCode, stderr } = await va(`sign x.rpm ${line}`.trim());
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, message);
    });
  }

  it("verify ends with status 3 unless all is well, one line a check", async () => {
    const file = await smallPackage("cli-verify.rpm");
    const unsigned = await va(`verify ${file}`);
    assert.equal(unsigned.exitCode, 3);
    assert.match(unsigned.stdout, /: NOT OK\n(.*\n)* {2}header signature: missing {2}/);
    assert.equal((await va(`verify ${file} --allow-unsigned`)).exitCode, 0);
    await va(`sign ${file} --key locked`, { VIRT_APPLIANCE_PASSPHRASE: "correct horse" });
    const good = await va(`verify --key ${keys}/RPM-GPG-KEY-locked ${file}`);
    assert.equal(good.exitCode, 0, good.stdout);
    assert.match(
      good.stdout,
      / {2}header signature RSA\/SHA-512 key [0-9a-f]{16}: ok {2}locked <\S+> {2}\(tag RSA\)\n/,
    );
    // Keys are named as they are for signing.
    const named = await va(`verify --key locked ${file}`);
    assert.equal(named.exitCode, 0, named.stdout);
    const unknown = await va(`verify --key other ${file}`);
    assert.match(unknown.stderr, /other: no such key in .*\n {2}locked {2}.*\[SIGN_KEY_UNKNOWN\]/s);
    const bytes = await readFile(file);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(file, bytes);
    const altered = await va(`verify --json ${file}`);
    assert.equal(altered.exitCode, 3);
    const [result]: { ok: boolean; checks: { status: string }[] }[] = JSON.parse(altered.stdout);
    assert.equal(result?.ok, false);
    assert.ok(result.checks.some(({ status }) => status === "bad"));
  });

  it("verify checks every package, whatever became of the others, and puts a bad one first", async () => {
    const good = await smallPackage("cli-good.rpm");
    const bad = await smallPackage("cli-bad.rpm");
    const bytes = await readFile(bad);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(bad, bytes);
    const gone = path.join(home, "gone.rpm");
    const verify = "verify --allow-unsigned";
    const all = await va(`${verify} ${bad} ${gone} ${home} ${good}`);
    assert.equal(all.exitCode, 3, all.stderr);
    assert.deepEqual(
      all.stdout.split("\n").filter((line) => line !== "" && !line.startsWith("  ")),
      [`${bad}: NOT OK`, `${gone}: NOT READ`, `${home}: NOT READ`, `${good}: ok`],
    );
    assert.match(all.stdout, /: NOT READ\n {2}.*gone\.rpm: no such file or folder\n/);
    assert.match(all.stderr, /^warning: .*gone\.rpm: no such file or folder$/m);
    const json = await va(`${verify} ${bad} ${gone} ${good} --json`);
    assert.equal(json.exitCode, 3);
    const results: { path: string; ok: boolean; signed: unknown; error: unknown }[] = JSON.parse(
      json.stdout,
    );
    assert.deepEqual(
      results.map(({ ok, signed, error }) => [ok, signed, error]),
      [
        [false, false, null],
        [false, null, `${gone}: no such file or folder`],
        [true, false, null],
      ],
    );
    const one = await va(`${verify} ${gone} ${good}`);
    assert.equal(one.exitCode, 1);
    assert.match(one.stdout, new RegExp(`${good}: ok\n`));
    assert.match(
      one.stderr,
      /^virt-appliance: .*gone\.rpm: no such file or folder {2}\[LIB_IO\]$/m,
    );
    const two = await va(`${verify} ${gone} ${good} ${gone}2 --json`);
    assert.equal(two.exitCode, 1);
    assert.equal(JSON.parse(two.stdout).length, 3);
    assert.match(
      two.stderr,
      /2 of 3 packages could not be read.*\n {2}.*gone\.rpm: no .*\n {2}.*rpm2: no /,
    );
  });

  it("reports that a passphrase is wrong, and nothing more", async () => {
    const file = await smallPackage("cli-wrong.rpm");
    const wrong = await va(`sign ${file} --key locked --verbose`, {
      VIRT_APPLIANCE_PASSPHRASE: "battery staple",
    });
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.stderr, /\[SIGN_WRONG_PASSPHRASE\]/);
    assert.doesNotMatch(wrong.stderr + wrong.stdout, /staple/);
    const missing = await va(`sign ${file} --key locked`);
    assert.match(missing.stderr, /\[SIGN_PASSPHRASE_MISSING\]/);
  });

  it("asks for the passphrase on a terminal and does not show it", async () => {
    const file = await smallPackage("cli-prompt.rpm");
    // script(1) gives the program a terminal; what is typed too early would be echoed, so wait for the question.
    const line = `sign ${file} --key locked`;
    const { stdout } = await run(
      "bash",
      [
        "-c",
        `mkfifo ${home}/typed
         script -qefc 'node ${built.main} ${line}; stty -a' ${home}/screen < ${home}/typed > /dev/null &
         exec 9> ${home}/typed
         until grep -qs 'passphrase of' ${home}/screen; do sleep 0.1; done
         sleep 0.2; printf 'correct horsx\\177e\\r' >&9
         wait $!; cat ${home}/screen`,
      ],
      { env: { XDG_DATA_HOME: home, HOME: home }, timeoutMs: 240_000 },
    );
    assert.match(stdout, /passphrase of locked <builders@example\.com>/);
    assert.doesNotMatch(stdout, /horse|horsx/);
    assert.ok(stdout.includes(`${file}\r\n`), stdout);
    assert.match(stdout, / echo /, "the terminal echoes again");
  });

  it("asks for either an address or a whole user id", async () => {
    for (const more of ["", "--email a@example.com --uid 'A <a@example.com>'"]) {
      const { exitCode, stderr } = await shell(`va keys generate --name x ${more}`);
      assert.equal(exitCode, 2);
      assert.match(stderr, /expected either --email or --uid/);
    }
  });
});
