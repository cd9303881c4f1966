import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  generateKey,
  openSigner,
  readKeyring,
  signDetached,
  signRpm,
  verifyDetached,
  verifyRpm,
} from "../../src/sign/index.ts";
import { smallPackage } from "../fixtures/unsigned-package.ts";
import { testContext } from "../support/context.ts";
import { PrivateGpg, PrivateRpm } from "../support/private-gpg.ts";
import { buildInto, packagePlan, textFile } from "../fixtures/package-plan.ts";
import { rpmbuild } from "../fixtures/rpmbuild-package.ts";
import { KEY_CREATED_AT, testKey } from "../fixtures/signing-key.ts";
import { temporaryFolder } from "../support/temporary.ts";

// gpg makes keys and signatures at the real time.
const context = testContext({ now: () => new Date() });
const { run } = context;

describe("signing, with the real rpm and gpg", () => {
  const folder = temporaryFolder();
  let rpm: PrivateRpm;
  let gpg: PrivateGpg;

  before(async () => {
    rpm = new PrivateRpm(folder);
    gpg = new PrivateGpg(folder);
    await rpm.import((await testKey()).generated.publicPath);
  });

  after(async () => {
    await gpg.stop();
  });

  it("rpmkeys imports the key, and reports a signed package as valid", async () => {
    const { signer } = await testKey();
    assert.match(await rpm.keys(), new RegExp(`^gpg-pubkey-${signer.keyId.slice(-8)}-`));
    const file = await smallPackage();
    await signRpm(file, signer, context);
    const { ok, text } = await rpm.check(file);
    assert.ok(ok);
    assert.match(text, /: digests signatures OK\n$/);
  });

  it("rpm is content in the way that dnf asks it", async () => {
    const { signer } = await testKey();
    const file = await smallPackage();
    const asDnf = ["--define", "_pkgverify_level signature", "--define", "_pkgverify_flags 0x0"];
    assert.equal((await rpm.check(file, ...asDnf)).ok, false, "an unsigned package is refused");
    await signRpm(file, signer, context);
    assert.equal((await rpm.check(file, ...asDnf)).ok, true);
  });

  it("rpm tells the signature that we made: header, V4, RSA/SHA512, its time", async () => {
    const { signer } = await testKey();
    const file = await smallPackage();
    await signRpm(file, signer, context, { createdAt: new Date("2025-12-24T18:00:00Z") });
    const { stdout } = await run("rpm", ["-qp", "--qf", "%{RSAHEADER:pgpsig}", file], {
      env: { TZ: "UTC" },
    });
    assert.equal(stdout, `RSA/SHA512, Wed Dec 24 18:00:00 2025, Key ID ${signer.keyId}`);
    assert.match((await rpm.check(file, "-v")).text, /Header V4 RSA\/SHA512 Signature.*: OK/);
  });

  it("rpm imports a key with an expiry, which it refuses when that is marked critical", async () => {
    const made = await generateKey({
      name: "expiring",
      userId: "Expiring <expiring@example.com>",
      folder: path.join(folder, "expiring"),
      createdAt: KEY_CREATED_AT,
      lifetimeDays: 3650,
    });
    await rpm.import(made.publicPath);
    assert.match(await rpm.keys(), new RegExp(made.keyId.slice(-8)));
    const listed = await gpg.run(["--with-colons", "--show-keys", made.publicPath]);
    const [, validity, bits, , , created, expires] = listed.split("\n")[0]?.split(":") ?? [];
    const at = KEY_CREATED_AT.getTime() / 1000;
    assert.deepEqual(
      [validity, bits, created, expires],
      ["-", "4096", String(at), String(at + 3650 * 86_400)],
    );
  });

  it("rpm verifies a package that is signed again after rpmsign took the signature out", async () => {
    const { signer, keyring } = await testKey();
    const file = await smallPackage();
    await signRpm(file, signer, context);
    await gpg.rpmsign(["--delsign", file]);
    const unsigned = await verifyRpm(file, { keyring, allowUnsigned: true }, context);
    assert.ok(unsigned.ok && !unsigned.signed);
    await signRpm(file, signer, context);
    assert.equal((await rpm.check(file)).ok, true);
    assert.ok((await verifyRpm(file, { keyring }, context)).ok);
  });

  it("rpm verifies source packages of rpmbuild that we signed", async () => {
    const { signer, keyring } = await testKey();
    const files = await rpmbuild(folder, "both", { tags: "Epoch: 3" });
    assert.equal(files.length, 2);
    for (const file of files) {
      await signRpm(file, signer, context);
      assert.equal((await rpm.check(file)).ok, true);
      assert.ok((await verifyRpm(file, { keyring }, context)).ok);
    }
  });

  for (const [payload, compressor] of [
    ["w9.gzdio", "gzip"],
    ["w2.xzdio", "xz"],
    ["w3.zstdio", "zstd"],
    ["w9.bzdio", "bzip2"],
    ["w7.lzdio", "lzma"],
    ["w.ufdio", "none"],
  ] as const) {
    it(`verifies every digest of a payload with ${compressor} compression`, async () => {
      const { signer, keyring } = await testKey();
      const name = `payload-${compressor}`;
      const body =
        "%description\nA test.\n%install\nmkdir -p %{buildroot}/opt\nseq 9999 > %{buildroot}/opt/x\n%files\n/opt/x\n";
      // The macro in the spec comes after those of the command line.
      const tags = `%define _binary_payload ${payload}\n%define _source_payload ${payload}`;
      const [file] = await rpmbuild(folder, name, { tags, body });
      assert.ok(file);
      const { stdout } = await run("rpm", ["-qp", "--qf", "%{PAYLOADCOMPRESSOR}", file]);
      assert.equal(stdout, compressor === "none" ? "(none)" : compressor);
      await signRpm(file, signer, context);
      const { ok, checks } = await verifyRpm(file, { keyring }, context);
      assert.ok(ok, JSON.stringify(checks));
      assert.ok(checks.some(({ what }) => what === "uncompressed payload digest"));
    });
  }

  for (const payload of [
    { compressor: "none" },
    { compressor: "gzip", level: 6 },
    { compressor: "zstd", level: 3 },
  ] as const) {
    it(`rpm and we verify what our own writer made with payload ${payload.compressor}`, async () => {
      const { signer, keyring } = await testKey();
      const entries = [textFile("/opt/hello", "hello\n".repeat(1000))];
      const plan = packagePlan({ payload, entries, epoch: 2, arch: "x86_64" });
      const built = await buildInto(path.join(folder, payload.compressor), plan);
      const signed = await signRpm(built.path, signer, context);
      assert.equal(signed.rewritten, false);
      const { ok, checks } = await verifyRpm(built.path, { keyring }, context);
      assert.ok(ok, JSON.stringify(checks));
      assert.match((await rpm.check(built.path)).text, /: digests signatures OK\n$/);
    });
  }

  it("gpg imports our key and verifies our detached signature", async () => {
    const { signer, generated } = await testKey();
    const document = path.join(folder, "repomd.xml");
    await writeFile(document, "<repomd/>\n");
    const armored = await signDetached(Buffer.from("<repomd/>\n"), signer, {
      createdAt: context.now(),
    });
    await writeFile(`${document}.asc`, armored);
    await gpg.run(["--import", generated.publicPath]);
    assert.match(
      await gpg.run(["--verify", `${document}.asc`, document]),
      /Good signature from "Test Builders <builders@example.com>"/,
    );
    await writeFile(document, "<repomd>\n");
    await assert.rejects(gpg.run(["--verify", `${document}.asc`, document]));
  });

  it("gpg refuses an expired detached signature", async () => {
    const { signer, generated } = await testKey();
    const document = path.join(folder, "old.xml");
    await writeFile(document, "<repomd/>\n");
    const armored = await signDetached(Buffer.from("<repomd/>\n"), signer, {
      createdAt: new Date("2025-07-01T00:00:00Z"),
      expiresAt: new Date("2025-07-08T00:00:00Z"),
    });
    await writeFile(`${document}.asc`, armored);
    await gpg.run(["--import", generated.publicPath]);
    await assert.rejects(gpg.run(["--verify", `${document}.asc`, document]));
  });

  it("gpg opens our locked secret key with its passphrase", async () => {
    const made = await generateKey({
      name: "locked",
      userId: "Locked <locked@example.com>",
      folder: path.join(folder, "locked"),
      passphrase: "correct horse",
      createdAt: KEY_CREATED_AT,
    });
    await gpg.run(["--passphrase", "correct horse", "--import", made.secretPath]);
    const armored = await gpg.run([
      "--passphrase",
      "correct horse",
      "--local-user",
      "locked@example.com",
      "--armor",
      "--detach-sign",
      "--output",
      "-",
      made.publicPath,
    ]);
    const keyring = await readKeyring({ files: [made.publicPath] });
    const bytes = await readFile(made.publicPath);
    const check = await verifyDetached(bytes, armored.slice(armored.indexOf("-----BEGIN")), {
      keyring,
      now: context.now(),
    });
    assert.equal(check.status, "ok", check.detail);
  });

  for (const [name, tag, ...kind] of [
    ["rsa", "RSA/SHA512", "rsa3072", "default", "1y"],
    ["ed25519", "EdDSA/SHA512", "ed25519", "sign", "never"],
  ] as const) {
    it(`signs with a ${name} key of gpg, and verifies what rpmsign signs with it`, async () => {
      const key = await gpg.makeKey(name, ...kind);
      await rpm.import(key.public);
      const signer = await openSigner({ key: key.secret, folder, now: context.now() });
      const keyring = await readKeyring({ files: [key.public] });
      const file = await smallPackage(`${name}.rpm`);
      await signRpm(file, signer, context);
      const { ok, text } = await rpm.check(file, "-v");
      assert.ok(ok, text);
      assert.match(text, new RegExp(`Header V4 ${tag} Signature`));
      assert.ok((await verifyRpm(file, { keyring }, context)).ok);
      await gpg.rpmsign(["--define", `_gpg_name ${name}@example.com`, "--resign", file]);
      const { ok: theirs, checks } = await verifyRpm(file, { keyring }, context);
      assert.ok(theirs, JSON.stringify(checks));
    });
  }

  it("signs with a subkey when the primary key is kept elsewhere", async () => {
    const { public: publicFile } = await gpg.makeKey("offline", "rsa2048", "cert", "never");
    const listed = await gpg.run(["--with-colons", "--list-keys", "offline"]);
    const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? "";
    await gpg.run(["--passphrase", "", "--quick-add-key", fingerprint, "rsa2048", "sign", "never"]);
    await writeFile(publicFile, await gpg.run(["--armor", "--export", "offline"]));
    const secret = path.join(folder, "offline.secret.asc");
    const subkeys = await gpg.run(["--armor", "--export-secret-subkeys", "offline"]);
    await writeFile(secret, subkeys, { mode: 0o600 });
    await rpm.import(publicFile);
    const signer = await openSigner({ key: secret, folder, now: context.now() });
    assert.notEqual(signer.fingerprint, fingerprint.toLowerCase());
    const file = await smallPackage("offline.rpm");
    await signRpm(file, signer, context);
    assert.ok((await rpm.check(file)).ok);
    const keyring = await readKeyring({ files: [publicFile] });
    assert.ok((await verifyRpm(file, { keyring }, context)).ok);
  });

  it("refuses to sign with, and to trust, a key that was revoked", async () => {
    const key = await gpg.makeKey("revoked", "rsa2048", "sign", "never");
    const signer = await openSigner({ key: key.secret, folder, now: context.now() });
    const file = await smallPackage("revoked.rpm");
    await signRpm(file, signer, context);
    const [certificate] = await readdir(path.join(gpg.home, "openpgp-revocs.d")).then((names) =>
      names.filter((name) => name.startsWith(signer.fingerprint.toUpperCase())),
    );
    const revocation = path.join(gpg.home, "openpgp-revocs.d", certificate ?? "");
    // gpg puts a colon before the armor, so that nobody imports it by accident.
    const text = (await readFile(revocation, "utf8")).replace(/^:/m, "");
    await writeFile(revocation, text);
    await gpg.run(["--import", revocation]);
    await writeFile(key.public, await gpg.run(["--armor", "--export", "revoked"]));
    const secret = await gpg.run(["--armor", "--export-secret-keys", "revoked"]);
    await writeFile(key.secret, secret, { mode: 0o600 });
    await assert.rejects(openSigner({ key: key.secret, folder, now: context.now() }), {
      code: "SIGN_KEY_REVOKED",
    });
    const { checks } = await verifyRpm(
      file,
      { keyring: await readKeyring({ files: [key.public] }) },
      context,
    );
    assert.equal(checks.find(({ what }) => what === "header signature")?.status, "revoked");
  });
});
