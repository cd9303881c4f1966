import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeRun } from "../../src/lib/exec.ts";
import {
  openGpgSigner,
  openProgramSigner,
  plannedSigner,
  readKeyring,
  signDetached,
  type Signer,
  signRpm,
  verifyRpm,
} from "../../src/sign/index.ts";
import { smallPackage } from "../fixtures/unsigned-package.ts";
import { testContext } from "../support/context.ts";
import { PrivateGpg, PrivateRpm } from "../support/private-gpg.ts";
import { temporaryFolder } from "../support/temporary.ts";

// gpg makes keys at the real time.
const context = testContext({ now: () => new Date() });
const { run } = context;

const PASSPHRASE = "correct horse";

/** A pinentry that answers with the passphrase in a file, or cancels when there is no file. */
const pinentry = (file: string): string => `#!/bin/sh
echo "OK"
while read -r command rest; do
  case $command in
    GETPIN)
      if [ -e ${file} ]; then echo "D $(cat ${file})"; echo "OK"
      else echo "ERR 83886179 Operation cancelled"; fi ;;
    BYE) echo "OK"; exit ;;
    *) echo "OK" ;;
  esac
done
`;

describe("signers outside of this process, with the real gpg and rpm", () => {
  const folder = temporaryFolder();
  let gpg: PrivateGpg;

  /** Opens a key of gpg by its name. */
  async function open(keyId: string): Promise<Signer> {
    return openGpgSigner({ keyId, environment: gpg.env, timeoutMs: 60_000 }, context);
  }

  /** Signs a package, which rpm must accept with the key and refuse without it. */
  async function acceptedByRpm(signer: Signer, publicFile: string): Promise<string> {
    const file = await smallPackage("outside.rpm");
    await signRpm(file, signer, context);
    const home = path.join(folder, `rpm-${signer.keyId}`);
    await mkdir(home);
    const rpm = new PrivateRpm(home);
    const without = await rpm.check(file, "--define", "_pkgverify_level signature");
    assert.equal(without.ok, false, without.text);
    await rpm.import(publicFile);
    const { ok, text } = await rpm.check(file, "-v");
    assert.ok(ok, text);
    const keyring = await readKeyring({ files: [publicFile] });
    assert.ok((await verifyRpm(file, { keyring }, context)).ok);
    return text;
  }

  before(async function () {
    this.timeout(60_000);
    gpg = new PrivateGpg(folder);
    await mkdir(gpg.home, { mode: 0o700 });
    const program = path.join(folder, "pinentry");
    await writeFile(program, pinentry(path.join(folder, "passphrase")), { mode: 0o700 });
    const agent = [`pinentry-program ${program}`, "default-cache-ttl 0", "max-cache-ttl 0"];
    await writeFile(path.join(gpg.home, "gpg-agent.conf"), `${agent.join("\n")}\n`);
    // What a user may have there for other purposes.
    await writeFile(
      path.join(gpg.home, "gpg.conf"),
      "armor\ntextmode\ndigest-algo SHA1\ndefault-sig-expire 1y\nverbose\n",
    );
  });

  after(async () => {
    await gpg.stop();
  });

  it("signs with an RSA-4096 key, whatever gpg.conf says", async function () {
    this.timeout(60_000);
    const key = await gpg.makeKey("rsa", "rsa4096", "sign", "never");
    const [fingerprint = ""] = await gpg.fingerprints("rsa");
    for (const name of ["rsa@example.com", fingerprint.slice(-16), `0x${fingerprint}`]) {
      assert.equal((await open(name)).fingerprint, fingerprint.toLowerCase());
    }
    const signer = await open(fingerprint);
    const [bytes, dates] = [Buffer.from("x"), { createdAt: new Date() }];
    const planned = await (await plannedSigner(signer)).sign(bytes, dates);
    const shorter = planned.length - (await signer.sign(bytes, dates)).length;
    assert.ok([0, 1, 2].includes(shorter), "planned with the size of gpg's signature");
    const text = await acceptedByRpm(signer, key.public);
    assert.match(text, /Header V4 RSA\/SHA512 Signature, key ID [0-9a-f]{8}: OK/);
  });

  it("signs with an Ed25519 key", async () => {
    const key = await gpg.makeKey("ed25519", "ed25519", "sign", "never");
    const signer = await open("ed25519@example.com");
    assert.equal(signer.algorithm, "EdDSA");
    assert.match(await acceptedByRpm(signer, key.public), /Header V4 EdDSA\/SHA512/);
  });

  it("signs with a subkey while the primary key is offline, and with the subkey that is named", async function () {
    this.timeout(60_000);
    await gpg.makeKey("offline", "ed25519", "cert,sign", "never");
    await gpg.addSubkey("offline", "rsa2048", "sign", "never");
    await gpg.addSubkey("offline", "rsa2048", "sign", "never");
    await gpg.addSubkey("offline", "cv25519", "encr", "never");
    const [primary = "", first = "", second = "", other = ""] = await gpg.fingerprints("offline");
    const { public: publicFile } = await gpg.export("offline");
    assert.equal((await open(primary)).fingerprint, primary.toLowerCase());
    await gpg.takeOffline("offline");
    const signer = await open("offline@example.com");
    assert.equal(signer.fingerprint, first.toLowerCase());
    await acceptedByRpm(signer, publicFile);
    const named = await open(`${second}!`);
    assert.equal(named.fingerprint, second.toLowerCase());
    await acceptedByRpm(named, publicFile);
    for (const [name, fact] of [
      [`${primary}!`, /the key has no secret half in gpg$/],
      [`${other}!`, /its subkey [0-9a-f]{16} is not a signing key$/],
    ] as const) {
      await assert.rejects(open(name), { code: "SIGN_KEY_UNUSABLE", message: fact });
    }
  });

  it("signs with the next subkey when one is revoked, and refuses a key that has no other", async function () {
    this.timeout(60_000);
    await gpg.makeKey("rotated", "ed25519", "cert", "never");
    await gpg.addSubkey("rotated", "ed25519", "sign", "never");
    await gpg.addSubkey("rotated", "ed25519", "sign", "never");
    const [primary = "", first = "", second = ""] = await gpg.fingerprints("rotated");
    assert.equal((await open(primary)).fingerprint, first.toLowerCase());
    await gpg.revokeSubkey(primary, 1, 2);
    const signer = await open(primary);
    assert.equal(signer.fingerprint, second.toLowerCase());
    // rpm 4.18 does not import such a key in the order in which gpg exports it.
    const published = path.join(folder, "RPM-GPG-KEY-rotated");
    await writeFile(published, signer.publicKey);
    await acceptedByRpm(signer, published);
    await assert.rejects(open(`${first}!`), { code: "SIGN_KEY_REVOKED" });
    await gpg.revokeSubkey(primary, 2, 2);
    await assert.rejects(open(primary), { code: "SIGN_KEY_REVOKED" });
  });

  it("lets the agent ask for the passphrase", async () => {
    const name = "Locked <locked@example.com>";
    await gpg.run([
      "--passphrase",
      PASSPHRASE,
      "--quick-gen-key",
      name,
      "ed25519",
      "sign",
      "never",
    ]);
    const publicFile = path.join(folder, "locked.asc");
    await writeFile(publicFile, await gpg.quiet("--armor", "--export", "<locked@example.com>"));
    const signer = await open("locked@example.com");
    const file = await smallPackage("locked.rpm");
    const before = await readFile(file);
    await assert.rejects(signRpm(file, signer, context), {
      code: "SIGN_SIGNER_FAILED",
      message: /^gpg: ended with status 2, expected 0: gpg --batch /,
      hint: /export GPG_TTY=\$\(tty\)/,
    });
    assert.deepEqual(await readFile(file), before);
    await writeFile(path.join(folder, "passphrase"), PASSPHRASE, { mode: 0o600 });
    await acceptedByRpm(signer, publicFile);
  });

  it("dates a signature as asked, also before the key's expiry was extended", async () => {
    const old = new PrivateGpg(folder, { at: "2025-06-01T00:00:00Z" });
    await old.makeKey("dated", "ed25519", "sign", "20251201T000000");
    old.at = "2025-10-01T00:00:00Z";
    const [fingerprint = ""] = await old.fingerprints("dated");
    await old.quiet("--quick-set-expire", fingerprint, "0");
    const signer = await open(fingerprint);
    const { public: publicFile } = await gpg.export("dated");
    const keyring = await readKeyring({ files: [publicFile] });
    for (const [asked, found] of [
      ["2025-07-01T00:00:00Z", "2025-07-01T00:00:00Z"],
      ["2024-01-01T00:00:00Z", "2025-06-01T00:00:00Z"],
      ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"],
    ] as const) {
      const file = await smallPackage("dated.rpm");
      const createdAt = new Date(asked);
      await signRpm(file, signer, context, { createdAt });
      const first = await readFile(file);
      const { stdout } = await run("rpm", ["-qp", "--qf", "%{DSAHEADER:pgpsig}", file], {
        env: { TZ: "UTC" },
      });
      const day = new Date(found).toUTCString().replace(/^(\w+), (\d+) (\w+) .*/, "$1 $3 $2");
      assert.ok(
        stdout.replaceAll(/ +/g, " ").includes(day.replace(" 0", " ")),
        `${stdout}: ${day}`,
      );
      assert.ok((await verifyRpm(file, { keyring }, context)).ok);
      await signRpm(file, signer, context, { createdAt });
      assert.deepEqual(await readFile(file), first, "the same date gives the same bytes");
    }
  });

  it("gpgv accepts a detached signature, also one that expires", async () => {
    await gpg.makeKey("detached", "ed25519", "sign", "never");
    const signer = await open("detached@example.com");
    const ring = path.join(folder, "detached.gpg");
    await gpg.quiet("--no-armor", "--output", ring, "--export", "<detached@example.com>");
    const file = path.join(folder, "repomd.xml");
    await writeFile(file, "<repomd/>\n");
    const createdAt = new Date();
    for (const expiresAt of [undefined, new Date(createdAt.getTime() + 86_400_000)]) {
      const armored = await signDetached(Buffer.from("<repomd/>\n"), signer, {
        createdAt,
        expiresAt,
      });
      await writeFile(`${file}.asc`, armored);
      const { stderr } = await run("gpgv", ["--keyring", ring, `${file}.asc`, file]);
      assert.match(stderr, /Good signature from "detached <detached@example.com>"/);
    }
  });

  it("a program can call gpg, with arguments of its own", async () => {
    const key = await gpg.makeKey("program", "ed25519", "sign", "never");
    const program = path.join(folder, "sign.sh");
    const line = 'exec gpg --batch --local-user "$VIRT_APPLIANCE_SIGNER_FINGERPRINT!"';
    await writeFile(
      program,
      `#!/bin/sh\n${line} --armor --no-textmode --digest-algo SHA256 --default-sig-expire 0 --detach-sign\n`,
    );
    await chmod(program, 0o755);
    const keyring = await readKeyring({ files: [key.public] });
    const request = { program, keyring, environment: gpg.env };
    const signer = await openProgramSigner(request, context);
    assert.match(await acceptedByRpm(signer, key.public), /Header V4 EdDSA\/SHA256/);
  });

  it("refuses keys that it does not find, several, expired ones, and other types", async () => {
    await gpg.makeKey("twin", "ed25519", "sign", "never");
    await gpg.quiet("--quick-gen-key", "twin 2 <twin@example.com>", "ed25519", "sign", "never");
    const old = new PrivateGpg(folder, { at: "2025-06-01T00:00:00Z" });
    await old.makeKey("expired", "ed25519", "sign", "20251001T000000");
    await gpg.makeKey("ecdsa", "nistp256", "sign", "never");
    await gpg.makeKey("weak", "rsa1024", "sign", "never");
    await gpg.makeKey("cert", "ed25519", "cert", "never");
    for (const [name, code, message] of [
      ["nobody@example.com", "SIGN_KEY_UNKNOWN", /gpg has no such secret key$/],
      ["--version", "SIGN_KEY_UNKNOWN", /gpg has no such secret key$/],
      ["twin@example.com", "SIGN_KEY_UNKNOWN", /names 2 secret keys, expected one$/],
      ["expired@example.com", "SIGN_KEY_EXPIRED", /has expired on 2025-10-01$/],
      ["ecdsa@example.com", "SIGN_KEY_UNUSABLE", /type ECDSA nistP256, expected RSA or Ed25519/],
      ["weak@example.com", "SIGN_KEY_UNUSABLE", /too weak/],
      ["cert@example.com", "SIGN_KEY_UNUSABLE", /is not a signing key$/],
    ] as const) {
      await assert.rejects(open(name), { code, message }, name);
    }
  });

  it("refuses two signatures, by which gpg.conf can make gpg answer", async () => {
    await gpg.makeKey("one", "ed25519", "sign", "never");
    await gpg.makeKey("two", "ed25519", "sign", "never");
    const signer = await open("one@example.com");
    const file = path.join(gpg.home, "gpg.conf");
    const before = await readFile(file, "utf8");
    await writeFile(file, `${before}local-user two@example.com\n`);
    await assert.rejects(signer.sign(Buffer.from("x"), { createdAt: new Date() }), {
      code: "SIGN_SIGNER_BAD_ANSWER",
      hint: /exactly one OpenPGP signature packet/,
    });
    await writeFile(file, before);
  });

  it("names the package of a missing gpg", async () => {
    const empty = path.join(folder, "empty");
    await mkdir(empty);
    const without = { ...context, run: makeRun(empty, context.signal) };
    await assert.rejects(openGpgSigner({ keyId: "x", environment: gpg.env }, without), {
      code: "LIB_EXEC_MISSING",
      hint: /gnupg \(Debian\)/,
    });
  });
});
