import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  type CheckStatus,
  openSigner,
  parseKeyring,
  signDetached,
  type Signer,
  signRpm,
  verifyDetached,
  verifyRpm,
} from "../../src/sign/index.ts";
import { describeKey } from "../../src/sign/key-facts.ts";
import { armorPublicKey } from "../../src/sign/openpgp/index.ts";
import { selfSigned } from "../fixtures/self-signed-key.ts";
import { smallPackage } from "../fixtures/unsigned-package.ts";
import { testContext } from "../support/context.ts";
import { PrivateGpg, PrivateRpm, useSuiteGpg } from "../support/private-gpg.ts";
import { openFolder } from "../support/temporary.ts";

const MADE = "2024-01-01T00:00:00Z";
const SIGNED = "2024-06-01T00:00:00Z";
const CHANGED = "2024-09-01T00:00:00Z";
const NOW = "2024-10-01T00:00:00Z";
const LATER = "2025-10-01T00:00:00Z";
const data = Buffer.from("<repomd/>\n");

/** A key that signed something, and then changed. */
interface Life {
  readonly what: string;
  /** Default: never. */
  readonly expiry?: string;
  /** Signs with a subkey of this expiry. */
  readonly subkey?: string;
  readonly change?: (gpg: PrivateGpg, fingerprint: string) => Promise<unknown>;
  /** Changes the public half as it was exported. */
  readonly edit?: (files: { readonly public: string; readonly secret: string }) => Promise<string>;
  readonly now?: string;
  /** gpg takes an expired self-signature for one that says nothing; Sequoia looks at the one before it. */
  readonly gpgSaysNoEnd?: boolean;
  /** What we say of the package, as rpm judges, and of the detached signature, as gpg does. */
  readonly expected: readonly [CheckStatus, CheckStatus];
}

const revoke =
  (reason: number) =>
  (gpg: PrivateGpg, fingerprint: string): Promise<unknown> =>
    gpg.answer(["y", String(reason), "", "y"], "--gen-revoke", fingerprint).then(async (text) => {
      const file = path.join(gpg.home, "revocation.asc");
      await writeFile(file, text);
      return gpg.quiet("--import", file);
    });

const revokeSubkey =
  (reason: number) =>
  (gpg: PrivateGpg, fingerprint: string): Promise<unknown> =>
    gpg.revokeSubkey(fingerprint, 1, reason);

const setExpire =
  (expiry: string, ...subkeys: string[]) =>
  (gpg: PrivateGpg, fingerprint: string): Promise<unknown> =>
    gpg.quiet("--quick-set-expire", fingerprint, expiry, ...subkeys);

const lives: readonly Life[] = [
  { what: "nothing happened", expected: ["ok", "ok"] },
  { what: "it has not expired yet", expiry: "1y", expected: ["ok", "ok"] },
  { what: "it expired since", expiry: "1y", now: LATER, expected: ["ok", "expired"] },
  {
    what: "its expiry was extended",
    expiry: "1y",
    change: setExpire("5y"),
    expected: ["ok", "ok"],
  },
  {
    what: "its expiry was extended, and the first end is past",
    expiry: "1y",
    change: setExpire("5y"),
    now: LATER,
    expected: ["ok", "ok"],
  },
  {
    what: "its expiry was taken off",
    expiry: "1y",
    change: setExpire("never"),
    now: LATER,
    expected: ["ok", "ok"],
  },
  {
    what: "its expiry was shortened to before the signature",
    expiry: "1y",
    change: setExpire("20240301T000000"),
    expected: ["expired", "expired"],
  },
  {
    what: "its expiry was shortened to after the signature",
    expiry: "1y",
    change: setExpire("20240910T000000"),
    expected: ["ok", "expired"],
  },
  {
    what: "a user id was added",
    expiry: "1y",
    change: (gpg, key) => gpg.quiet("--quick-add-uid", key, "Another <another@example.org>"),
    expected: ["ok", "ok"],
  },
  {
    what: "its user id was certified again",
    change: (gpg, key) => gpg.answer(["setpref SHA512 AES256", "y", "save"], "--edit-key", key),
    expected: ["ok", "ok"],
  },
  {
    what: "another user id became the primary one",
    expiry: "1y",
    change: async (gpg, key) => {
      await gpg.quiet("--quick-add-uid", key, "Another <another@example.org>");
      // gpg makes no second signature within a second.
      gpg.at = "2024-09-01T00:00:02Z";
      await gpg.quiet("--quick-set-primary-uid", key, "Another <another@example.org>");
    },
    expected: ["ok", "ok"],
  },
  {
    what: "its first user id was revoked",
    expiry: "1y",
    change: async (gpg, key) => {
      await gpg.quiet("--quick-add-uid", key, "Another <another@example.org>");
      const first = (await gpg.quiet("--with-colons", "--list-keys", key)).split("\n");
      const uids = first
        .filter((line) => line.startsWith("uid:"))
        .map((line) => line.split(":")[9]);
      const name = uids.find((uid) => uid !== "Another <another@example.org>") ?? "";
      await gpg.quiet("--quick-revoke-uid", key, name);
    },
    expected: ["ok", "ok"],
  },
  { what: "its subkey is as it was", subkey: "1y", expected: ["ok", "ok"] },
  { what: "its subkey expired since", subkey: "1y", now: LATER, expected: ["ok", "expired"] },
  {
    what: "its subkey expired, and another took over",
    subkey: "1y",
    change: (gpg, key) => gpg.quiet("--quick-add-key", key, "ed25519", "sign", "never"),
    now: LATER,
    expected: ["ok", "expired"],
  },
  {
    what: "its subkey's expiry was extended",
    subkey: "1y",
    change: setExpire("5y", "*"),
    now: LATER,
    expected: ["ok", "ok"],
  },
  {
    what: "its primary key expired and its subkey did not",
    expiry: "1y",
    subkey: "5y",
    now: LATER,
    expected: ["ok", "expired"],
  },
  ...(
    [
      [0, "no reason", "revoked"],
      [1, "that it was compromised", "revoked"],
      [2, "that it was superseded", "ok"],
      [3, "that it is no longer used", "ok"],
    ] as const
  ).flatMap(([answer, reason, status]): readonly Life[] => [
    { what: `it was revoked for ${reason}`, change: revoke(answer), expected: [status, "revoked"] },
    {
      what: `its subkey was revoked for ${reason}`,
      subkey: "never",
      change: revokeSubkey(answer),
      expected: [status, "revoked"],
    },
  ]),
  {
    what: "a signature over the key alone extended its expiry",
    expiry: "1y",
    edit: (files) => selfSigned(files, { over: "key", at: CHANGED, keyDays: 3000 }),
    now: LATER,
    expected: ["ok", "ok"],
  },
  {
    what: "a signature over the key alone shortened its expiry",
    edit: (files) => selfSigned(files, { over: "key", at: CHANGED, keyDays: 60 }),
    expected: ["expired", "expired"],
  },
  {
    what: "a signature over the key alone gives an earlier end than a newer one over its user id",
    edit: async (files) => {
      await writeFile(
        files.public,
        await selfSigned(files, { over: "key", at: SIGNED, keyDays: 60 }),
      );
      return selfSigned(files, { over: "user", at: CHANGED, keyDays: 3000 });
    },
    expected: ["expired", "expired"],
  },
  {
    what: "a self-signature that has expired itself says otherwise",
    expiry: "1y",
    edit: (files) => selfSigned(files, { over: "user", at: SIGNED, keyDays: 60, days: 10 }),
    gpgSaysNoEnd: true,
    expected: ["ok", "ok"],
  },
  {
    what: "an older self-signature comes after the newest",
    expiry: "1y",
    change: setExpire("5y"),
    edit: (files) => selfSigned(files, { over: "user", at: "2024-02-01T00:00:00Z", keyDays: 60 }),
    expected: ["ok", "ok"],
  },
  {
    what: "its newest self-signature says it is not for signing data",
    edit: (files) => selfSigned(files, { over: "user", at: CHANGED, flags: 0x01 }),
    expected: ["bad", "bad"],
  },
];

const statusOf: readonly (readonly [RegExp, CheckStatus])[] = [
  [/^\[GNUPG:\] GOODSIG /m, "ok"],
  [/^\[GNUPG:\] EXPKEYSIG /m, "expired"],
  [/^\[GNUPG:\] REVKEYSIG /m, "revoked"],
  [/^\[GNUPG:\] EXPSIG /m, "expired"],
  [/^\[GNUPG:\] BADSIG /m, "bad"],
];

describe("a key's life, as gpg and rpm see it", () => {
  const suite = useSuiteGpg(MADE);

  /** Makes the key, and what it signs at its time. */
  async function sign(
    id: string,
    life: Life,
  ): Promise<{ readonly signer: Signer; readonly rpm: string; readonly armored: string }> {
    suite.gpg.at = MADE;
    await suite.gpg.makeKey(
      id,
      "ed25519",
      life.subkey === undefined ? "sign" : "cert",
      life.expiry ?? "never",
    );
    if (life.subkey !== undefined) {
      const [primary = ""] = await suite.gpg.fingerprints(id);
      await suite.gpg.quiet("--quick-add-key", primary, "ed25519", "sign", life.subkey);
    }
    const { secret } = await suite.gpg.export(id);
    const signer = await openSigner({ key: secret, folder: suite.folder, now: new Date(SIGNED) });
    const rpm = await smallPackage(`${id}.rpm`);
    const createdAt = new Date(SIGNED);
    await signRpm(rpm, signer, testContext({ now: () => createdAt }), { createdAt });
    return { signer, rpm, armored: await signDetached(data, signer, { createdAt }) };
  }

  /** What gpg says of a detached signature with a key, in a home that knows nothing else. */
  async function askGpg(
    key: string,
    armored: string,
    now: string,
  ): Promise<{ readonly status: CheckStatus | undefined; readonly ends: readonly string[] }> {
    await using place = await openFolder();
    const other = new PrivateGpg(place.path, { at: now });
    const files = { data: path.join(place.path, "data"), asc: path.join(place.path, "data.asc") };
    await writeFile(files.data, data);
    await writeFile(files.asc, armored);
    await other.quiet("--import", key);
    const { status } = await other.verify(files.asc, files.data);
    const listed = await other.quiet("--with-colons", "--list-keys");
    await other.stop();
    return {
      status: statusOf.find(([pattern]) => pattern.test(status))?.[1],
      ends: [...listed.matchAll(/^(?:pub|sub):(?:[^:]*:){5}(\d*):/gm)].map(
        (match) => match[1] ?? "",
      ),
    };
  }

  for (const [index, life] of lives.entries()) {
    it(`when ${life.what}: package ${life.expected[0]}, metadata ${life.expected[1]}`, async () => {
      const id = `life-${index}-`;
      const { rpm, armored } = await sign(id, life);
      suite.gpg.at = CHANGED;
      const [fingerprint = ""] = await suite.gpg.fingerprints(id);
      await life.change?.(suite.gpg, fingerprint);
      const files = await suite.gpg.export(id);
      if (life.edit !== undefined) await writeFile(files.public, await life.edit(files));
      const keyring = await parseKeyring(await readFile(files.public), "key");
      const now = new Date(life.now ?? NOW);
      const { checks } = await verifyRpm(rpm, { keyring }, testContext({ now: () => now }));
      const ours = checks.find(({ what }) => what === "header signature");
      const detached = await verifyDetached(data, armored, { keyring, now });
      assert.deepEqual(
        [ours?.status, detached.status],
        life.expected,
        `${ours?.detail}; ${detached.detail}`,
      );
      const [key] = keyring.keys;
      assert.ok(key);
      const published = path.join(suite.folder, `${id}.asc`);
      await writeFile(published, armorPublicKey(key));
      const theirs = await askGpg(published, armored, life.now ?? NOW);
      if (life.expected[0] !== "bad") assert.equal(theirs.status, detached.status);
      const database = new PrivateRpm(path.join(suite.folder, id));
      await database.import(published);
      // rpm 4.18 asks neither for expiry nor for revocation.
      assert.ok((await database.check(rpm)).ok, "rpm accepts it");
      const facts = await describeKey(key, now);
      const ends = [facts, ...facts.subkeys].map(({ expiresAt }) => expiresAt);
      if (life.gpgSaysNoEnd === true) return;
      // gpg tells the end of a subkey as if its primary key lived longer.
      const seconds = theirs.ends.map((end) => (end === "" ? Infinity : Number(end)));
      assert.deepEqual(
        ends.map((end) => (end === undefined ? Infinity : end.getTime() / 1000)),
        seconds.map((end) => Math.min(end, seconds[0] ?? Infinity)),
      );
    });
  }
});
