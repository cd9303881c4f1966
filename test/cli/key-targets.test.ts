import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { descriptorOf, noise, writeAppliance } from "../fixtures/appliance-folder.ts";
import { smallPackage } from "../fixtures/unsigned-package.ts";
import { useSuiteGpg } from "../support/private-gpg.ts";
import { runProgram } from "../support/run-program.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const accept = { acceptExitCodes: [1, 2, 3] };

/** Keys of gpg, and what is printed about each. */
const kinds = [
  {
    name: "ed",
    args: ["ed25519"],
    place: "[key-ed25519: el8, sle15]",
    good: "el9,el10,fedora,rpm6",
  },
  {
    name: "short",
    args: ["rsa1024"],
    place: "[key-short-rsa: el9, el10, fedora]",
    good: "el8,sle15,rpm6",
  },
  {
    name: "sha1",
    args: ["rsa2048", "--cert-digest-algo", "SHA1"],
    place: "[key-sha1: el9, el10, fedora]",
    good: "el8,sle15,rpm6",
  },
] as const;

describe("a signing key that some systems cannot use", () => {
  const suite = useSuiteGpg("2024-01-01T00:00:00Z");
  let keys: string;

  before(async () => {
    keys = path.join(suite.folder, "keys");
    await mkdir(keys);
    for (const { name, args } of kinds) {
      const [algorithm, ...options] = args;
      const uid = `${name} <${name}@example.com>`;
      await suite.gpg.quiet(...options, "--quick-gen-key", uid, algorithm, "sign", "never");
      const files = await suite.gpg.export(name);
      const secret = path.join(keys, `${name}.secret.asc`);
      await writeFile(secret, await readFile(files.secret), { mode: 0o600 });
      await writeFile(path.join(keys, `RPM-GPG-KEY-${name}`), await readFile(files.public));
    }
  });

  // An RSA key of 1024 bits cannot sign at all.
  for (const { name, place, good } of kinds.filter((kind) => kind.name !== "short")) {
    it(`signs with a warning that ends with ${place}`, async () => {
      const file = await smallPackage(`${name}-warned.rpm`);
      const sign = ["sign", file, "--keys", keys, "--key", name];
      const { exitCode, stderr } = await runProgram(sign, accept);
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /^warning: key [0-9a-f]{16}: /m);
      assert.ok(stderr.includes(`  ${place}\n`), stderr);
      const quiet = await runProgram([...sign, "--for", good], accept);
      assert.equal(quiet.exitCode, 0, quiet.stderr);
      assert.doesNotMatch(quiet.stderr, /warning: key/);
    });
  }

  it("is refused by sign --for before the package changes, with the code and the system", async () => {
    const file = await smallPackage("refused.rpm");
    const before = await readFile(file);
    const sign = ["sign", file, "--keys", keys, "--key", "ed", "--for", "el8,el9"];
    const { exitCode, stderr } = await runProgram(sign, accept);
    assert.equal(exitCode, 1);
    assert.match(stderr, /key [0-9a-f]{16}: cannot be used for el8\n/);
    assert.match(stderr, /an RSA key works everywhere {2}\[key-ed25519: el8\]/);
    assert.match(stderr, /\[SIGN_KEY_TARGET\]/);
    assert.deepEqual(await readFile(file), before);
  });

  it(
    "is refused by build --sign --for before anything is built, in a dry run too",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      await writeAppliance(web, descriptorOf([{ file: "root.raw" }]), { "root.raw": noise(4096) });
      const build = [
        "build",
        web,
        "-o",
        path.join(folder, "out"),
        "--sign",
        "sha1",
        "--keys",
        keys,
      ];
      for (const more of [[], ["--dry-run"]]) {
        const args = [...build, "--for", "el8,el10", ...more];
        const { exitCode, stderr } = await runProgram(args, accept);
        assert.equal(exitCode, 1);
        assert.match(stderr, /cannot be used for el10\n.*\[key-sha1: el10\]/);
      }
      assert.deepEqual(await namesIn(folder), ["web"]);
      const warned = await runProgram(build, accept);
      assert.equal(warned.exitCode, 0, warned.stderr);
      assert.match(warned.stderr, /\[key-sha1: el9, el10, fedora\]/);
    }),
  );

  it("is named by keys list, or only for the systems of --for", async () => {
    const list = ["keys", "list", "--keys", keys];
    const all = await runProgram(list, accept);
    for (const { name, place } of kinds) {
      assert.match(all.stderr, new RegExp(`^warning: ${name}: .*\\${place.slice(0, -1)}\\]$`, "m"));
    }
    const { stderr } = await runProgram([...list, "--for", "el8"], accept);
    assert.match(stderr, /^warning: ed: .*\[key-ed25519: el8\]$/m);
    assert.doesNotMatch(stderr, /short|sha1/);
  });

  it(
    "is never made by keys generate, which warns of an expiry",
    withFolder(async (folder) => {
      const generate = ["keys", "generate", "--email", "a@example.com", "-o", folder, "--name"];
      const plain = await runProgram([...generate, "plain"], accept);
      assert.doesNotMatch(plain.stderr, /\[key-/);
      const ending = await runProgram([...generate, "ending", "--expires", "90"], accept);
      assert.equal(ending.exitCode, 0);
      assert.match(ending.stderr, /^warning: ending: it expires on .* \[key-expiry\]$/m);
    }),
  );
});
