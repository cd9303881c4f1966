import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { lastingProgram } from "../support/bundled-program.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { openSmallRpms, type SmallRpms } from "../fixtures/small-rpm.ts";

describe("virt-appliance repo", () => {
  const context = testContext();
  let rpms: SmallRpms;
  let program: string;
  let repository: string;
  let key: string[];

  before(async () => {
    program = await lastingProgram();
    rpms = await openSmallRpms();
    repository = path.join(rpms.folder, "repository");
    key = ["--keys", (await testKey()).folder];
  });
  after(() => rpms[Symbol.asyncDispose]());

  const run = (...args: string[]): Promise<string> =>
    context.run("node", [program, ...args]).then(({ stdout }) => stdout);

  it("makes a repository with packages in it, and finds its key again by itself", async () => {
    const names = ["--name", "demo", "--base-url", "https://example.com/demo"];
    const packages = [await rpms.make("alpha"), await rpms.make("beta")];
    const made = await run(
      "repo",
      "init",
      repository,
      ...names,
      "--key",
      "test",
      "--no-host-package",
      ...key,
      "--with",
      ...packages,
    );
    assert.equal(made, "added alpha-1-1.noarch.rpm\nadded beta-1-1.noarch.rpm\n");
    const gamma = await rpms.make("gamma");
    assert.equal(
      await run("repo", "add", repository, gamma, ...key),
      "added gamma-1-1.noarch.rpm\n",
    );
    assert.equal(
      await run("repo", "remove", repository, "beta-1-1", ...key),
      "removed beta-1-1.noarch.rpm\n",
    );
    const elsewhere = ["--keys", path.join(rpms.folder, "no-keys")];
    const { stderr } = await context.run(
      "node",
      [program, "repo", "add", repository, gamma, ...elsewhere],
      { acceptExitCodes: [1] },
    );
    assert.match(stderr, /the repository's key: [0-9a-f]{40}: no such key in [\s\S]*--key FILE/);
    const list = await run("repo", "list", repository, "--json");
    assert.deepEqual(list.match(/(?<="name": ")[a-z]+(?=",\n\s+"epoch")/g), ["alpha", "gamma"]);
    assert.match(await run("repo", "check", repository), /2 packages, no problems/);
  });

  it("plans without the secret key or its passphrase, and says what would become of each file", async () => {
    const [keys, repo] = [path.join(rpms.folder, "locked"), path.join(rpms.folder, "planned")];
    const env = { VIRT_APPLIANCE_PASSPHRASE: "correct horse" };
    const unlocked = (...args: string[]) => context.run("node", [program, ...args], { env });
    await unlocked("keys", "generate", "--name", "locked", "--email", "l@example.com", "-o", keys);
    const site = ["--name", "p", "--base-url", "https://example.com/p", "--no-host-package"];
    await unlocked("repo", "init", repo, ...site, "--key", "locked", "--keys", keys);
    const one = await rpms.make("planned", { signed: false });
    const add = ["repo", "add", repo, one, "--allow-unsigned"];
    for (const folder of [keys, path.join(rpms.folder, "no-keys")]) {
      const plan = await run(...add, "--keys", folder, "--dry-run");
      const expected = [
        "would add planned-1-1.noarch.rpm",
        "would publish generation (2-[0-9a-f]{16}):",
        "  write generations/\\1/added.json \\([\\d.]+ \\w+\\)",
      ];
      assert.match(plan, new RegExp(`^${expected.join("\n")}\n`));
      assert.match(plan, /^ {2}copy \S+ to packages\/planned-1-1\.noarch\.rpm$/m);
      assert.match(plan, /^ {2}link generations\/\S+\/packages to packages$/m);
      assert.match(plan, /^ {2}replace mirrorlist \(\d+ B\)$/m);
      assert.doesNotMatch(plan, /flush|switch|\bput\b/);
    }
    const planned: { steps: { path?: string; sizeBytes?: number }[] } = JSON.parse(
      await run(...add, "--keys", keys, "--dry-run", "--json"),
    );
    await unlocked(...add, "--keys", keys);
    const signature = "repodata/repomd.xml.asc";
    const { length } = await readFile(path.join(repo, signature));
    const { sizeBytes = 0 } = planned.steps.find(({ path: file }) => file === signature) ?? {};
    // The number of a signature may have a leading zero.
    assert.ok(Math.abs(length - sizeBytes) <= 4, `${length} bytes, planned ${sizeBytes}`);
    assert.match(await run("repo", "check", repo), /1 package, no problems/);
  });

  it("opens no package but the one that it adds", async () => {
    const trace = path.join(rpms.folder, "trace");
    const delta = await rpms.make("delta");
    const options = ["-f", "-qq", "-e", "trace=open,openat", "-o", trace];
    const command = ["node", program, "repo", "add", repository, delta, ...key];
    await context.run("strace", [...options, ...command]);
    const opened = (await readFile(trace, "utf8"))
      .split("\n")
      .flatMap((line) => /"([^"]*\.rpm)"/.exec(line)?.[1] ?? []);
    assert.ok(opened.length > 0, "strace saw nothing");
    assert.deepEqual([...new Set(opened)], [delta]);
  });

  it("serves until it is interrupted, telling its address and each request", async () => {
    const child = spawn(process.execPath, [program, "repo", "serve", repository, "--port", "0"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      const requests = createInterface(child.stderr)[Symbol.asyncIterator]();
      const [url] = await once(createInterface(child.stdout), "line");
      const text = await (await fetch(`${url}/mirrorlist`)).text();
      assert.ok(text.startsWith(`${url}/generations/`));
      const { value } = await requests.next();
      assert.equal(value, `GET /mirrorlist 200 ${text.length} -`);
      const exited = once(child, "exit");
      child.kill("SIGINT");
      assert.deepEqual(await exited, [0, null]);
      assert.equal((await requests.next()).done, true);
    } finally {
      child.kill("SIGKILL");
    }
  });
});
