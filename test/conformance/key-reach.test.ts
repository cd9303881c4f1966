import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  exportKey,
  keyConcerns,
  listKeys,
  openSigner,
  parseKeyring,
} from "../../src/sign/index.ts";
import { describeKey } from "../../src/sign/key-facts.ts";
import { keyFaults } from "../../src/sign/key-reach.ts";
import { subpacketTypes } from "../../src/sign/signature-packet.ts";
import { selfSigned } from "../fixtures/self-signed-key.ts";
import { PrivateRpm, useSuiteGpg } from "../support/private-gpg.ts";
import { testKey } from "../fixtures/signing-key.ts";

const MADE = "2024-01-01T00:00:00Z";
const now = new Date("2024-10-01T00:00:00Z");

interface Kind {
  readonly name: string;
  readonly args: readonly string[];
  readonly critical?: number;
  /** What we say of the key for packages. */
  readonly expected: readonly RegExp[];
}

const CANNOT = /rpm 4\.16 to 4\.18 \(EL9\) cannot import it/;
const kinds: readonly Kind[] = [
  { name: "rsa1024", args: ["rsa1024"], expected: [/EL9 and later, and Fedora, refuse RSA-1024/] },
  { name: "rsa2048", args: ["rsa2048"], expected: [] },
  { name: "rsa3072", args: ["rsa3072"], expected: [] },
  { name: "dsa2048", args: ["dsa2048"], expected: [/no current rpm trusts .* DSA/] },
  { name: "ed25519", args: ["ed25519"], expected: [/EL8 cannot import an Ed25519 key/] },
  {
    name: "nistp256",
    args: ["nistp256"],
    expected: [/EL8 and EL9 cannot import .* ECDSA nistP256/],
  },
  {
    name: "brainpool",
    args: ["brainpoolP256r1"],
    expected: [/no current rpm trusts .* ECDSA brainpool/],
  },
  {
    name: "secp256k1",
    args: ["secp256k1"],
    expected: [/no current rpm trusts .* ECDSA secp256k1/],
  },
  {
    name: "sha1",
    args: ["rsa2048", "--cert-digest-algo", "SHA1"],
    expected: [/self-signature uses SHA-1, so EL9 and later cannot import it/],
  },
  ...[
    subpacketTypes.keyExpirationTime,
    subpacketTypes.preferredSymmetric,
    subpacketTypes.preferredHash,
    subpacketTypes.preferredCompression,
    subpacketTypes.keyServerPreferences,
    subpacketTypes.primaryUserId,
    subpacketTypes.features,
  ].map((critical): Kind => ({
    name: `critical${critical}`,
    args: ["rsa2048"],
    critical,
    expected: [CANNOT],
  })),
  { name: "critical27", args: ["rsa2048"], critical: subpacketTypes.keyFlags, expected: [] },
];

/** What rpm 4.18, which runs the test, imports; it trusts more than the policies of EL9. */
const importedByRpm = (kind: Kind): boolean =>
  !/nistp|brainpool|secp/.test(kind.name) && !kind.expected.includes(CANNOT);

describe("which systems import a key, beside the real gpg and rpm", () => {
  const suite = useSuiteGpg(MADE);

  async function concernsOf(
    file: string,
    use: "packages" | "repository",
  ): Promise<readonly string[]> {
    const publicKey = await readFile(file, "utf8");
    const fingerprint =
      (await parseKeyring(Buffer.from(publicKey), file)).keys[0]?.getFingerprint() ?? "";
    return keyConcerns({ publicKey, fingerprint }, { use, now });
  }

  for (const kind of kinds) {
    it(`of the kind ${kind.name}`, async () => {
      const [algorithm = "", ...options] = kind.args;
      const uid = `${kind.name} <${kind.name}@example.com>`;
      await suite.gpg.quiet(...options, "--quick-gen-key", uid, algorithm, "sign", "never");
      const files = await suite.gpg.export(kind.name);
      if (kind.critical !== undefined) {
        const { critical } = kind;
        const at = "2024-02-01T00:00:00Z";
        await writeFile(files.public, await selfSigned(files, { over: "user", at, critical }));
      }
      const found = await concernsOf(files.public, "packages");
      assert.equal(found.length, kind.expected.length, found.join("\n"));
      for (const [at, pattern] of kind.expected.entries()) {
        assert.match(found[at] ?? "", /^key [0-9a-f]{16}: /);
        assert.match(found[at] ?? "", pattern);
      }
      const [key] = (await parseKeyring(await readFile(files.public), files.public)).keys;
      assert.ok(key !== undefined);
      const faults = await keyFaults(key, { keyId: key.getKeyID().toHex(), now });
      assert.deepEqual(
        faults.map(({ code, targets, message }) => `${message}  [${code}: ${targets.join(", ")}]`),
        found,
      );
      // Each names the systems that the sentence names.
      for (const { message, targets } of faults) {
        assert.equal(targets.includes("el8"), /EL8|no current/.test(message), message);
        assert.equal(targets.includes("el9"), /EL9|no current/.test(message), message);
        assert.equal(targets.includes("fedora"), /and later|no current/.test(message), message);
      }
      const rpm = new PrivateRpm(path.join(suite.folder, kind.name));
      const imported = await rpm.import(files.public).then(
        () => true,
        () => false,
      );
      assert.equal(imported, importedByRpm(kind), "rpm 4.18");
    });
  }

  it("with an end: nothing to packages, but clients of a repository keep their copy", async () => {
    const { public: file } = await suite.gpg.makeKey("ending", "rsa2048", "sign", "1y");
    assert.deepEqual(await concernsOf(file, "packages"), []);
    const [found] = await concernsOf(file, "repository");
    assert.match(found ?? "", /it expires on 2024-12-31: clients with dnf 4 refuse the repository/);
  });

  it("of which subkeys have ended: the list names them, with date and reason", async () => {
    await suite.gpg.makeKey("ended", "rsa2048", "cert", "never");
    const [fingerprint = ""] = await suite.gpg.fingerprints("ended");
    for (const expiry of ["1m", "never", "never"]) {
      await suite.gpg.quiet("--quick-add-key", fingerprint, "rsa2048", "sign", expiry);
    }
    await suite.gpg.revokeSubkey(fingerprint, 2, 3);
    const { public: file } = await suite.gpg.export("ended");
    const keys = path.join(suite.folder, "keys");
    await mkdir(keys);
    await writeFile(path.join(keys, "RPM-GPG-KEY-ended"), await readFile(file));
    const [key] = (await listKeys(keys, now)).keys;
    const ids = key?.subkeys.map(({ keyId }) => keyId) ?? [];
    assert.equal(ids.length, 3);
    assert.deepEqual(key?.warnings, [
      `its subkey ${ids[0]} expired on 2024-01-31`,
      `its subkey ${ids[1]} is revoked: retired`,
    ]);
    assert.deepEqual(
      key?.subkeys.map(({ revoked }) => revoked),
      [false, true, false],
    );
  });

  for (const [use, kind] of [
    ["sign", "rsa2048"],
    ["sign", "ed25519"],
    ["encr", "rsa2048"],
    ["auth", "rsa2048"],
  ] as const) {
    it(`of which a subkey ${kind} ${use} is revoked: rpm imports what keys export writes, not what gpg does`, async () => {
      const name = `revoked-${kind}-${use}`;
      await suite.gpg.makeKey(name, "rsa2048", "cert,sign", "never");
      const [fingerprint = ""] = await suite.gpg.fingerprints(name);
      for (let made = 0; made < 2; made += 1) {
        await suite.gpg.quiet("--quick-add-key", fingerprint, kind, use, "never");
      }
      await suite.gpg.revokeSubkey(fingerprint, 1, 3);
      const { public: file } = await suite.gpg.export(name);
      const keys = path.join(suite.folder, name);
      await mkdir(keys);
      await writeFile(path.join(keys, `RPM-GPG-KEY-${name}`), await readFile(file));
      const exported = path.join(keys, "exported");
      await writeFile(exported, await exportKey(name, keys, now));
      await assert.rejects(new PrivateRpm(path.join(keys, "of-gpg")).import(file));
      const rpm = new PrivateRpm(path.join(keys, "of-ours"));
      await rpm.import(exported);
      assert.match(await rpm.keys(), new RegExp(fingerprint.slice(-8), "i"));
      // Nothing of it was lost: gpg still knows that the subkey is revoked.
      const shown = await suite.gpg.run(["--with-colons", "--show-keys", exported]);
      assert.deepEqual(shown.match(/^sub:./gm), ["sub:r", "sub:u"]);
    });
  }

  for (const curve of ["brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1", "secp256k1"]) {
    it(`on the curve ${curve}: it is named as the reason, and those that are supported`, async () => {
      const { secret: key } = await suite.gpg.makeKey(`on-${curve}`, curve, "sign", "never");
      const fact = `the key uses the curve ${curve}, expected one of Ed25519, nistP256, nistP384, nistP521`;
      await assert.rejects(openSigner({ key, folder: suite.folder, now }), {
        code: "SIGN_KEY_UNUSABLE",
        message: `${key}: ${fact}`,
      });
    });
  }

  it("signs on when only one of the two halves in the folder was renewed", async () => {
    const before = await suite.gpg.makeKey("half", "ed25519", "sign", "1m");
    const keys = path.join(suite.folder, "halves");
    await mkdir(keys);
    await writeFile(path.join(keys, "half.secret.asc"), await readFile(before.secret), {
      mode: 0o600,
    });
    await writeFile(path.join(keys, "RPM-GPG-KEY-half"), await readFile(before.public));
    const open = () => openSigner({ key: "half", folder: keys, now });
    await assert.rejects(open(), { code: "SIGN_KEY_EXPIRED" });
    const [fingerprint = ""] = await suite.gpg.fingerprints("half");
    suite.gpg.at = "2024-06-01T00:00:00Z";
    await suite.gpg.quiet("--quick-set-expire", fingerprint, "5y");
    const after = await suite.gpg.export("half", "half-after");
    await writeFile(path.join(keys, "RPM-GPG-KEY-half"), await readFile(after.public));
    suite.gpg.at = MADE;
    const { publicKey } = await open();
    const [key] = (await parseKeyring(Buffer.from(publicKey), "key")).keys;
    assert.ok(key);
    assert.equal((await describeKey(key, now)).expiresAt?.toISOString().slice(0, 4), "2029");
  });

  it("of ours: nothing at all", async () => {
    const { signer } = await testKey();
    for (const use of ["packages", "repository"] as const) {
      assert.deepEqual(await keyConcerns(signer, { use, now }), []);
    }
  });
});
