import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ApplianceError } from "../../src/errors.ts";
import {
  exportKey,
  generateKey,
  listKeys,
  openSigner,
  parseKeyring,
  readKeyring,
  readNamedKeys,
} from "../../src/sign/index.ts";
import { PrivateGpg, PrivateRpm } from "../support/private-gpg.ts";
import { KEY_CREATED_AT, testKey } from "../fixtures/signing-key.ts";
import { openFolder } from "../support/temporary.ts";

const now = new Date("2026-01-02T03:04:05Z");

async function mode(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777;
}

describe("generateKey", () => {
  it("writes both halves, the secret one for its owner alone", async () => {
    const { generated, folder } = await testKey();
    assert.equal(path.basename(generated.publicPath), "RPM-GPG-KEY-test");
    assert.equal(path.basename(generated.secretPath), "test.secret.asc");
    assert.equal(await mode(generated.publicPath), 0o644);
    assert.equal(await mode(generated.secretPath), 0o600);
    assert.deepEqual((await readdir(folder)).sort(), ["RPM-GPG-KEY-test", "test.secret.asc"]);
    assert.match(await readFile(generated.publicPath, "utf8"), /^-----BEGIN PGP PUBLIC KEY BLOCK/);
  });

  it("never overwrites either half", async () => {
    const { folder, generated } = await testKey();
    await using temporary = await openFolder();
    const request = { userId: "T <t@example.com>", createdAt: now };
    const before = await readFile(generated.secretPath);
    await assert.rejects(generateKey({ ...request, name: "test", folder }), {
      code: "SIGN_KEY_EXISTS",
    });
    assert.deepEqual(await readFile(generated.secretPath), before);
    await writeFile(path.join(temporary.path, "RPM-GPG-KEY-half"), "");
    await assert.rejects(generateKey({ ...request, name: "half", folder: temporary.path }), {
      code: "SIGN_KEY_EXISTS",
    });
    assert.deepEqual(await readdir(temporary.path), ["RPM-GPG-KEY-half"]);
  });

  it("overwrites neither half when another key of the name comes while it is made", async () => {
    await using temporary = await openFolder();
    const folder = temporary.path;
    const request = {
      name: "twin",
      userId: "T <t@example.com>",
      createdAt: KEY_CREATED_AT,
      folder,
    };
    const made = await Promise.allSettled([generateKey(request), generateKey(request)]);
    const [first, ...rest] = made.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    assert.deepEqual(rest, []);
    assert.deepEqual((await readdir(folder)).sort(), ["RPM-GPG-KEY-twin", "twin.secret.asc"]);
    const { fingerprint } = await openSigner({ key: "twin", folder, now });
    const [listed] = (await listKeys(folder, now)).keys;
    assert.deepEqual([fingerprint, listed?.fingerprint], [first?.fingerprint, first?.fingerprint]);
  });

  it("makes a missing folder for its owner alone, and locks the key with the passphrase", async () => {
    await using temporary = await openFolder();
    const folder = path.join(temporary.path, "a", "keys");
    const made = await generateKey({
      name: "locked",
      userId: "Locked Key <locked@example.com>",
      folder,
      passphrase: "correct horse",
      createdAt: KEY_CREATED_AT,
      lifetimeDays: 30,
    });
    assert.equal(await mode(folder), 0o700);
    assert.equal(made.expiresAt?.toISOString(), "2025-07-01T00:00:00.000Z");
    const open = (passphrase: string | undefined, at: Date) =>
      openSigner({ key: "locked", folder, passphrase: async () => passphrase, now: at });
    const within = new Date("2025-06-02T00:00:00Z");
    assert.equal((await open("correct horse", within)).fingerprint, made.fingerprint);
    await assert.rejects(open("wrong horse", within), { code: "SIGN_WRONG_PASSPHRASE" });
    await assert.rejects(open(undefined, within), { code: "SIGN_PASSPHRASE_MISSING" });
    await assert.rejects(open("correct horse", now), (error: Error) => {
      assert.match(error.message, /has expired on 2025-07-01$/);
      return true;
    });
    // A signature states its own time, which is not that of the clock.
    const signer = await open("correct horse", within);
    const sign = (at: string) => signer.sign(Buffer.from("x"), { createdAt: new Date(at) });
    assert.ok((await sign("2025-06-30T23:59:59Z")).length > 0);
    assert.deepEqual(await sign("2001-01-01T00:00:00Z"), await sign(KEY_CREATED_AT.toISOString()));
    for (const late of ["2025-07-01T00:00:00Z", "2033-05-18T03:33:20Z"]) {
      await assert.rejects(sign(late), (error: ApplianceError) => {
        assert.equal(error.code, "SIGN_KEY_EXPIRED");
        assert.match(error.message, /locked\.secret\.asc: the key expires at 2025-07-01T.* 20/);
        return true;
      });
    }
  });

  it("accepts any address that a user id can contain", async () => {
    await using temporary = await openFolder();
    const gpg = new PrivateGpg(temporary.path, { at: now });
    const rpm = new PrivateRpm(temporary.path);
    const name = 'Ünï "Cödé", & Söhne '.padEnd(200, "-");
    const userIds = ["a <a@b>", `${name} <${"ü".repeat(250)}@b.c>`];
    for (const [index, userId] of userIds.entries()) {
      const request = { name: `odd${index}`, userId, createdAt: KEY_CREATED_AT };
      const { publicPath } = await generateKey({ ...request, folder: temporary.path });
      await gpg.quiet("--import", publicPath);
      await rpm.import(publicPath);
    }
    const listed = await gpg.quiet("--with-colons", "--list-keys");
    await gpg.stop();
    const theirs = [...listed.matchAll(/^uid:(?:[^:]*:){8}([^:]*):/gm)].map(([, uid]) => uid);
    assert.deepEqual(new Set(theirs), new Set(userIds));
    const { keys, broken } = await listKeys(temporary.path, now);
    assert.deepEqual(broken, []);
    assert.deepEqual(
      keys.map((key) => key.userIds),
      userIds.map((userId) => [userId]),
    );
    assert.deepEqual(
      keys.flatMap((key) => key.warnings),
      [],
    );
  });

  for (const [what, request] of [
    ["a name with a slash", { name: "a/b" }],
    ["a name that starts with a dot", { name: ".a" }],
    ["an empty name", { name: "" }],
    ["a user id without address", { userId: "Somebody" }],
    ["a user id with an empty address", { userId: "Somebody <>" }],
    ["a user id with an address without @", { userId: "Somebody <a>" }],
    ["a user id with two addresses", { userId: "Somebody <a@b> <c@d>" }],
    ["a user id with an address that is too long", { userId: `S <${"a".repeat(253)}@b>` }],
    ["a user id with half a character", { userId: "So\ud800me <a@example.com>" }],
    ["a user id with a control character", { userId: "So\u001bme <a@example.com>" }],
    ["an empty passphrase", { passphrase: "" }],
    ["a lifetime of no days", { lifetimeDays: 0 }],
    ["a lifetime longer than its field", { lifetimeDays: 49_711 }],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await using temporary = await openFolder();
      const good = { name: "a", userId: "A <a@example.com>", createdAt: now };
      await assert.rejects(generateKey({ ...good, ...request, folder: temporary.path }), {
        code: "SIGN_BAD_REQUEST",
      });
      assert.deepEqual(await readdir(temporary.path), []);
    });
  }
});

describe("listKeys", () => {
  it("returns facts, and whether the secret half is present", async () => {
    const { folder, generated } = await testKey();
    await using temporary = await openFolder();
    await writeFile(
      path.join(temporary.path, "RPM-GPG-KEY-theirs"),
      await readFile(generated.publicPath),
    );
    await writeFile(path.join(temporary.path, "RPM-GPG-KEY-junk"), "no key");
    const [own] = (await listKeys(folder, now)).keys;
    const theirs = await listKeys(temporary.path, now);
    assert.deepEqual(
      { ...own },
      {
        name: "test",
        fingerprint: generated.fingerprint,
        keyId: generated.fingerprint.slice(-16),
        userIds: ["Test Builders <builders@example.com>"],
        algorithm: "RSA-4096",
        createdAt: KEY_CREATED_AT,
        expiresAt: undefined,
        revoked: false,
        subkeys: [],
        hasSecret: true,
        warnings: [],
      },
    );
    assert.deepEqual(
      theirs.keys.map(({ name, hasSecret }) => ({ name, hasSecret })),
      [{ name: "theirs", hasSecret: false }],
    );
    assert.match(theirs.broken[0]?.problem ?? "", /RPM-GPG-KEY-junk: holds no OpenPGP key/);
  });

  it("finds none where there is no folder", async () => {
    assert.deepEqual(await listKeys("/nonexistent/keys", now), { keys: [], broken: [] });
  });
});

describe("exportKey", () => {
  it("gives the public half by name and by fingerprint, as it lies in the folder", async () => {
    const { folder, generated } = await testKey();
    const text = await readFile(generated.publicPath, "utf8");
    assert.equal(await exportKey("test", folder, now), text);
    assert.equal(await exportKey(generated.fingerprint.toUpperCase(), folder, now), text);
  });

  it("never gives a secret half, even when only that is there", async () => {
    const { folder, generated } = await testKey();
    await using temporary = await openFolder();
    const secret = path.join(temporary.path, "test.secret.asc");
    await writeFile(secret, await readFile(generated.secretPath), { mode: 0o600 });
    assert.equal(
      await exportKey("test", temporary.path, now),
      await exportKey("test", folder, now),
    );
  });
});

describe("openSigner", () => {
  it("finds a key by name, fingerprint, key id and path", async () => {
    const { folder, generated } = await testKey();
    const { fingerprint } = generated;
    for (const key of ["test", fingerprint, fingerprint.slice(-16), generated.secretPath]) {
      assert.equal((await openSigner({ key, folder, now })).fingerprint, fingerprint);
    }
  });

  it("finds public halves as it finds the secret ones, and by file", async () => {
    const { folder, generated } = await testKey();
    const { fingerprint, publicPath } = generated;
    for (const key of ["test", fingerprint, fingerprint.slice(-16), publicPath]) {
      const { keys } = await readNamedKeys([key], folder, now);
      assert.deepEqual(
        keys.map((one) => one.getFingerprint()),
        [fingerprint],
      );
    }
    await assert.rejects(readNamedKeys(["other"], folder, now), { code: "SIGN_KEY_UNKNOWN" });
  });

  it("lists the known keys when it does not know the one that is asked for", async () => {
    const { folder, generated } = await testKey();
    await assert.rejects(openSigner({ key: "other", folder, now }), (error: Error) => {
      assert.equal("code" in error && error.code, "SIGN_KEY_UNKNOWN");
      assert.deepEqual("details" in error && error.details, [`test  ${generated.fingerprint}`]);
      return true;
    });
  });

  it("refuses a secret key that others may read or write, whatever its place", async () => {
    const { generated } = await testKey();
    await using temporary = await openFolder();
    const file = path.join(temporary.path, "web.secret.asc");
    await writeFile(file, await readFile(generated.secretPath), { mode: 0o600 });
    for (const exposed of [0o640, 0o604, 0o620, 0o601]) {
      await chmod(file, exposed);
      for (const key of ["web", file]) {
        await assert.rejects(openSigner({ key, folder: temporary.path, now }), {
          code: "SIGN_KEY_EXPOSED",
        });
      }
    }
  });

  it("refuses a public key, garbage, and a folder", async () => {
    const { generated, folder } = await testKey();
    await using temporary = await openFolder();
    const file = path.join(temporary.path, "x.asc");
    for (const content of [
      await readFile(generated.publicPath),
      Buffer.from("x"),
      Buffer.alloc(0),
    ]) {
      await writeFile(file, content, { mode: 0o600 });
      await assert.rejects(openSigner({ key: file, folder, now }), { code: "SIGN_KEY_BAD" });
    }
    // More than Node reads into one buffer: it is not read at all.
    await truncate(file, 3 * 1024 ** 3);
    await assert.rejects(openSigner({ key: file, folder, now }), {
      code: "SIGN_KEY_BAD",
      message: /3\.0 GiB, expected a key of at most/,
    });
    await mkdir(path.join(temporary.path, "d"), { mode: 0o700 });
    await assert.rejects(openSigner({ key: path.join(temporary.path, "d"), folder, now }), {
      code: "LIB_IO",
      message: /not a plain file/,
    });
  });

  it("never puts key material into an error", async () => {
    const { generated, folder } = await testKey();
    await using temporary = await openFolder();
    const file = path.join(temporary.path, "x.asc");
    const secret = await readFile(generated.secretPath, "utf8");
    const damaged = secret.replace(/\n([A-Za-z0-9+/]{20})/g, "\n$1$1");
    await writeFile(file, damaged, { mode: 0o600 });
    await assert.rejects(openSigner({ key: file, folder, now }), (error: Error) => {
      const text = `${error.message}${error.stack ?? ""}${String(error.cause)}`;
      for (const line of damaged.split("\n").filter((one) => one.length > 20)) {
        assert.ok(!text.includes(line.slice(0, 20)) || line.startsWith("-----"));
      }
      return true;
    });
  });
});

describe("readKeyring", () => {
  it("takes several keys from one file and ignores other files of a folder", async () => {
    const { generated, folder } = await testKey();
    const text = await readFile(generated.publicPath, "utf8");
    assert.equal((await parseKeyring(Buffer.from(`${text}\n${text}`), "two")).keys.length, 2);
    assert.equal((await readKeyring({ folders: [folder] })).keys.length, 1);
  });

  it("refuses a secret key among the public ones", async () => {
    const { generated } = await testKey();
    await assert.rejects(readKeyring({ files: [generated.secretPath] }), {
      code: "SIGN_KEY_BAD",
    });
  });
});
