import assert from "node:assert/strict";
import { mkdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { readRpm, replaceSignatures } from "../../src/rpm/index.ts";
import {
  openSigner,
  readKeyring,
  removeSignatures,
  type Signer,
  signRpm,
  verifyRpm,
} from "../../src/sign/index.ts";
import { buildInto, packagePlan, textFile } from "../fixtures/package-plan.ts";
import { smallPackage } from "../fixtures/unsigned-package.ts";
import { testContext } from "../support/context.ts";
import { PrivateGpg, PrivateRpm } from "../support/private-gpg.ts";
import { temporaryFolder } from "../support/temporary.ts";

// gpg makes keys at the real time.
const context = testContext({ now: () => new Date() });
const { run } = context;
const asDnf = ["--define", "_pkgverify_level signature", "--define", "_pkgverify_flags 0x0"];

describe("several signatures, with the real rpm", () => {
  const folder = temporaryFolder();
  const kinds = { rsa: "rsa4096", other: "rsa4096", ed: "ed25519" } as const;
  type Name = keyof typeof kinds;
  const names: readonly Name[] = ["rsa", "other", "ed"];
  const signers = {} as Record<Name, Signer>;
  const publics = {} as Record<Name, string>;
  let gpg: PrivateGpg;

  before(async () => {
    gpg = new PrivateGpg(folder);
    for (const name of names) {
      const { public: file, secret } = await gpg.makeKey(name, kinds[name], "sign", "never");
      publics[name] = file;
      signers[name] = await openSigner({ key: secret, folder, now: context.now() });
    }
  });
  after(() => gpg.stop());

  let count = 0;
  /** Returns whether rpm, with these keys alone, accepts a package as dnf asks it to. */
  async function accepts(file: string, ...keys: readonly Name[]): Promise<boolean> {
    const own = path.join(folder, `database-${(count += 1)}`);
    await mkdir(own);
    const rpm = new PrivateRpm(own);
    for (const name of keys) await rpm.import(publics[name]);
    return (await rpm.check(file, ...asDnf)).ok;
  }

  /** The keys of the tags RSA and DSA, as rpm prints them. */
  async function legacyKeys(file: string): Promise<readonly string[]> {
    const format = "%{RSAHEADER:pgpsig}\n%{DSAHEADER:pgpsig}\n";
    const { stdout } = await run("rpm", ["-qp", "--nosignature", "--qf", format, file]);
    const text = (line = ""): string => /Key ID ([0-9a-f]{16})$/.exec(line)?.[1] ?? line;
    return stdout.trimEnd().split("\n").map(text);
  }

  async function openPgpKeys(file: string): Promise<readonly string[]> {
    const { checks } = await verifyRpm(file, { keyring: { keys: [] } }, context);
    return checks.flatMap(({ tag, keyId = "?" }) => (tag === "OPENPGP" ? [keyId] : []));
  }

  const id = (name: Name): string => signers[name].keyId;

  /** Does something to a package, and makes sure that it changes nothing but the signature header. */
  async function inPlace<T>(file: string, work: () => Promise<T>): Promise<T> {
    const [before, { ino }, { headerStart, signatureStart }] = await Promise.all([
      readFile(file),
      stat(file),
      readRpm(file),
    ]);
    const result = await work();
    const after = await readFile(file);
    assert.equal((await stat(file)).ino, ino, "the same inode");
    assert.equal(after.length, before.length, "the same size");
    assert.ok(after.subarray(0, signatureStart).equals(before.subarray(0, signatureStart)));
    assert.ok(after.subarray(headerStart).equals(before.subarray(headerStart)), "header, payload");
    return result;
  }

  async function nativePackage(): Promise<string> {
    const entries = [textFile("/opt/a", "a\n")];
    return (await buildInto(folder, packagePlan({ entries }))).path;
  }

  for (const [made, make] of [
    ["native writer", nativePackage],
    ["rpmbuild", (): Promise<string> => smallPackage("several.rpm")],
  ] as const) {
    it(`are added, made again and removed in place in a package of the ${made}`, async () => {
      const file = await make();
      const unsigned = await readFile(file);
      assert.equal(await accepts(file, "rsa"), false, "unsigned");
      await inPlace(file, () => signRpm(file, signers.rsa, context));
      await inPlace(file, () => signRpm(file, signers.other, context, { others: "kept" }));
      const { replaced, signatures } = await inPlace(file, () =>
        signRpm(file, signers.ed, context, { others: "kept" }),
      );
      assert.deepEqual(replaced, []);
      assert.deepEqual(signatures, [
        { tag: "RSA", keyId: id("rsa") },
        { tag: "OPENPGP", keyId: id("rsa") },
        { tag: "OPENPGP", keyId: id("other") },
        { tag: "OPENPGP", keyId: id("ed") },
      ]);
      assert.deepEqual(await legacyKeys(file), [id("rsa"), "(none)"]);
      assert.equal(await accepts(file, "rsa"), true);
      assert.equal(await accepts(file), false);
      assert.equal(await accepts(file, "other", "ed"), false);

      const again = await inPlace(file, () =>
        signRpm(file, signers.rsa, context, {
          others: "kept",
          createdAt: new Date(Date.now() + 5000),
        }),
      );
      assert.deepEqual(again.replaced, []);
      assert.deepEqual(again.signatures, signatures);

      const { removed } = await inPlace(file, () => removeSignatures(file, [id("rsa")], context));
      assert.deepEqual(removed, [
        { tag: "RSA", keyId: id("rsa") },
        { tag: "OPENPGP", keyId: id("rsa") },
      ]);
      assert.deepEqual(await legacyKeys(file), [id("other"), "(none)"]);
      assert.deepEqual(await openPgpKeys(file), [id("other"), id("ed")]);
      assert.equal(await accepts(file, "other"), true);
      assert.equal(await accepts(file, "rsa"), false);

      await inPlace(file, () => removeSignatures(file, [signers.other.fingerprint], context));
      assert.deepEqual(await legacyKeys(file), ["(none)", id("ed")]);
      assert.deepEqual(await openPgpKeys(file), [], "one signature needs no second tag");
      assert.equal(await accepts(file, "ed"), true);

      await inPlace(file, () => removeSignatures(file, "all", context));
      assert.ok((await readFile(file)).equals(unsigned), "as it was before it was signed");
      assert.match((await run("rpm", ["-K", file])).stdout, /: digests OK\n$/);
    });
  }

  for (const [first, second, legacy] of [
    ["rsa", "other", ["rsa", undefined]],
    ["rsa", "ed", ["rsa", undefined]],
    ["ed", "rsa", [undefined, "ed"]],
  ] as const) {
    it(`by two keys at once: rpm before 6 needs the first, ${kinds[first]}, we and rpm 6 need ${kinds[second]} too`, async () => {
      const file = await nativePackage();
      await inPlace(file, () => signRpm(file, [signers[first], signers[second]], context));
      const expected = legacy.map((name) => (name === undefined ? "(none)" : id(name)));
      assert.deepEqual(await legacyKeys(file), expected);
      assert.deepEqual(await openPgpKeys(file), [id(first), id(second)]);
      assert.equal(await accepts(file, first), true);
      assert.equal(await accepts(file, second), false);
      assert.equal(await accepts(file, first, second), true);
      assert.equal(await accepts(file), false);
      for (const [keys, ok] of [
        [[first, second], true],
        [[first], false],
        [[second], false],
      ] as const) {
        const keyring = await readKeyring({ files: keys.map((name) => publics[name]) });
        assert.equal((await verifyRpm(file, { keyring }, context)).ok, ok, keys.join(" and "));
      }
    });
  }

  it("keep one that rpmsign made", async () => {
    const file = await smallPackage("rpmsign.rpm");
    await gpg.rpmsign(["--define", "_gpg_name rsa@example.com", "--addsign", file]);
    await inPlace(file, () => signRpm(file, signers.other, context, { others: "kept" }));
    assert.deepEqual(await legacyKeys(file), [id("rsa"), "(none)"]);
    assert.deepEqual(await openPgpKeys(file), [id("rsa"), id("other")]);
    assert.equal(await accepts(file, "rsa"), true);
    const keyring = await readKeyring({ files: [publics.rsa, publics.other] });
    const { ok, checks } = await verifyRpm(file, { keyring }, context);
    assert.ok(ok, JSON.stringify(checks));
  });

  it("rpm refuses a package if the key of one of the two old tags is missing", async () => {
    // Therefore only one signature is there.
    const file = await nativePackage();
    const { header } = await readRpm(file);
    const packetOf = (name: Name): Promise<Uint8Array> =>
      signers[name].sign(header.raw, { createdAt: context.now() });
    await replaceSignatures(file, [
      { tag: "RSA", bytes: await packetOf("rsa") },
      { tag: "DSA", bytes: await packetOf("ed") },
    ]);
    assert.equal(await accepts(file, "rsa", "ed"), true);
    assert.equal(await accepts(file, "rsa"), false);
    assert.equal(await accepts(file, "ed"), false);
  });
});
