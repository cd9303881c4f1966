import assert from "node:assert/strict";
import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { openDirectoryStore, type Store } from "../../src/publish/index.ts";
import {
  checkRepository,
  initRepository,
  releaseRepo,
  type ReleaseResult,
} from "../../src/repository/index.ts";
import { openSigner, signRpm } from "../../src/sign/index.ts";
import { testContext } from "../support/context.ts";
import { PrivateGpg } from "../support/private-gpg.ts";
import { openSmallRpms, type SmallRpms } from "../fixtures/small-rpm.ts";
import { openFolder, temporaryFolder } from "../support/temporary.ts";

const MADE = "2024-01-01T00:00:00Z";
const FIRST = "2024-06-01T00:00:00Z";
const CHANGED = "2024-09-01T00:00:00Z";
const SECOND = "2025-06-01T00:00:00Z";

type Change = (gpg: PrivateGpg, fingerprint: string) => Promise<unknown>;

interface Case {
  readonly what: string;
  /** When the key ends, and the signing subkey, when there is one. */
  readonly ends: readonly [string, string?];
  readonly change: Change;
  readonly notes: readonly RegExp[];
}

const extend: Change = (gpg, key) => gpg.quiet("--quick-set-expire", key, "5y");
const addSubkey: Change = (gpg, key) =>
  gpg.quiet("--quick-add-key", key, "ed25519", "sign", "never");

const cases: readonly Case[] = [
  {
    what: "its expiry was extended",
    ends: ["1y"],
    change: extend,
    notes: [
      /^RPM-GPG-KEY-life is updated: its key expires on 2029-.*, previously 2024-12-31/,
      /dnf 4 .* from 2024-12-31 on: .*pubring/,
    ],
  },
  {
    what: "it got another user id",
    ends: ["never"],
    change: (gpg, key) => gpg.quiet("--quick-add-uid", key, "Another <another@example.org>"),
    notes: [/it has the user id "Another <another@example.org>"/],
  },
  {
    what: "its user id was certified again",
    ends: ["never"],
    change: (gpg, key) => gpg.answer(["setpref SHA512 AES256", "y", "save"], "--edit-key", key),
    notes: [],
  },
  {
    what: "another subkey took over from one that expired",
    ends: ["never", "1y"],
    change: addSubkey,
    notes: [/it has the new subkey [0-9a-f]{16}/, /dnf 4 .* from 2025-06-01 on/],
  },
  {
    what: "another subkey took over from one that was superseded",
    ends: ["never", "never"],
    change: async (gpg, key) => {
      await gpg.answer(["key 1", "revkey", "y", "2", "", "y", "save"], "--edit-key", key);
      await addSubkey(gpg, key);
    },
    notes: [/its subkey [0-9a-f]{16} is revoked: superseded/, /dnf 4/],
  },
];

describe("a repository whose key changes", () => {
  const folder = temporaryFolder();
  let gpg: PrivateGpg;
  let rpms: SmallRpms;
  const at = (now: string) => testContext({ now: () => new Date(now) });

  before(async () => {
    gpg = new PrivateGpg(folder, { at: MADE });
    rpms = await openSmallRpms();
  });
  after(async () => {
    await gpg.stop();
    await rpms[Symbol.asyncDispose]();
  });

  async function signer(secret: string, now: string) {
    return openSigner({ key: secret, folder, now: new Date(now) });
  }
  async function signedPackage(name: string, secret: string, now: string): Promise<string> {
    const file = await rpms.make(name, { signed: false });
    await signRpm(file, await signer(secret, now), at(now));
    return file;
  }
  /** Makes a key and, under it, a repository with a package. */
  async function start(
    id: string,
    [end, subkeyEnd]: Case["ends"],
    algorithm = "ed25519",
  ): Promise<{ repo: string; secret: string }> {
    gpg.at = MADE;
    await gpg.makeKey(id, algorithm, subkeyEnd === undefined ? "sign" : "cert", end);
    const [fingerprint = ""] = await gpg.fingerprints(id);
    if (subkeyEnd !== undefined) {
      await gpg.quiet("--quick-add-key", fingerprint, "ed25519", "sign", subkeyEnd);
    }
    const { secret } = await gpg.export(id);
    const kept = path.join(folder, `${id}.before.secret.asc`);
    await copyFile(secret, kept);
    const repo = path.join(folder, `repo-${id}`);
    await initRepository(
      repo,
      {
        name: "life",
        baseUrl: "https://example.com/life",
        signer: await signer(kept, FIRST),
        packages: [await signedPackage("first", kept, FIRST)],
      },
      at(FIRST),
    );
    return { repo, secret: kept };
  }
  async function change(id: string, how: Change): Promise<{ public: string; secret: string }> {
    const [fingerprint = ""] = await gpg.fingerprints(id);
    gpg.at = CHANGED;
    await how(gpg, fingerprint);
    return gpg.export(id);
  }
  /** What gpg says of the metadata with the key that the repository publishes, and nothing else. */
  async function askGpg(repo: string, now: string): Promise<string> {
    await using place = await openFolder();
    const other = new PrivateGpg(place.path, { at: now });
    await other.quiet("--import", path.join(repo, "RPM-GPG-KEY-life"));
    const repomd = path.join(repo, "repodata", "repomd.xml");
    const { status } = await other.verify(`${repomd}.asc`, repomd);
    await other.stop();
    return /^\[GNUPG:\] (GOODSIG|EXPKEYSIG|REVKEYSIG|BADSIG|ERRSIG) /m.exec(status)?.[1] ?? status;
  }

  for (const [index, one] of cases.entries()) {
    it(`goes on, with its packages of before, when ${one.what}`, async () => {
      const id = `renewed-${index}-`;
      const { repo } = await start(id, one.ends);
      const files = await change(id, one.change);
      const ownerKey = await readFile(files.public, "utf8");
      const before = await checkRepository(repo, at(CHANGED), { ownerKey });
      assert.deepEqual(before.problems, []);
      assert.equal(
        before.warnings.some((text) => text.includes("copy is newer")),
        one.notes.length > 0,
      );
      const second = await signedPackage("second", files.secret, SECOND);
      const options = { signer: await signer(files.secret, SECOND) };
      const published = path.join(repo, "RPM-GPG-KEY-life");
      const old = await readFile(published, "utf8");
      const dry = await releaseRepo(repo, { add: [second], dryRun: true }, options, at(SECOND));
      assert.equal(await readFile(published, "utf8"), old, "a dry run changes nothing");
      assert.ok(
        dry.plan.steps.some((step) => step.kind === "switch" && step.path.startsWith("RPM-GPG")),
      );
      const { keyNotes } = await releaseRepo(repo, { add: [second] }, options, at(SECOND));
      assert.equal(keyNotes.length, one.notes.length, keyNotes.join("\n"));
      for (const [line, note] of one.notes.entries()) assert.match(keyNotes[line] ?? "", note);
      const after = await checkRepository(repo, at(SECOND), { ownerKey });
      assert.deepEqual([after.problems, after.packages], [[], 2]);
      assert.ok(!after.warnings.some((text) => text.includes("copy is newer")));
      assert.equal(await askGpg(repo, SECOND), "GOODSIG");
      const again = await releaseRepo(repo, {}, options, at(SECOND));
      assert.deepEqual([again.keyNotes, again.plan.changed], [[], false]);
    });
  }

  it("signs its metadata again when its subkey has expired, even without new packages", async () => {
    const { repo } = await start("ended-", ["never", "1y"]);
    const { secret } = await change("ended-", addSubkey);
    const { problems } = await checkRepository(repo, at(SECOND));
    assert.ok(
      problems.some((text) => /repomd\.xml\.asc: its subkey expired on 2024-12-31/.test(text)),
    );
    assert.equal(await askGpg(repo, SECOND), "EXPKEYSIG");
    const result = await releaseRepo(
      repo,
      {},
      { signer: await signer(secret, SECOND) },
      at(SECOND),
    );
    assert.ok(result.plan.changed);
    assert.deepEqual((await checkRepository(repo, at(SECOND))).problems, []);
    assert.equal(await askGpg(repo, SECOND), "GOODSIG");
  });

  it("signs its metadata again when clients cannot read what an older version wrote, if it is good", async () => {
    // The base64 of a signature by a key of this length needs no padding.
    const { repo, secret } = await start("armor-", ["never"], "rsa3072");
    const [generation = ""] = await readdir(path.join(repo, "generations"));
    const places = ["", path.join("generations", generation)];
    const edit = async (change: (armored: string) => string): Promise<void> => {
      for (const place of places) {
        const file = path.join(repo, place, "repodata", "repomd.xml.asc");
        await writeFile(file, change(await readFile(file, "utf8")));
      }
    };
    const options = { signer: await signer(secret, SECOND) };
    await edit((armored) => armored.replace(/^=.{4}\n/m, ""));
    const { problems } = await checkRepository(repo, at(SECOND));
    assert.ok(problems.some((text) => /no checksum and no padding/.test(text)));
    const { plan } = await releaseRepo(repo, {}, options, at(SECOND));
    assert.ok(plan.changed);
    assert.deepEqual((await checkRepository(repo, at(SECOND))).problems, []);
    assert.equal(await askGpg(repo, SECOND), "GOODSIG");
    places[1] = path.join("generations", (await readdir(path.join(repo, "generations")))[1] ?? "");
    await edit((armored) =>
      armored
        .replace(/^=.{4}\n/m, "")
        .replace(/[^\n](?=[^\n]*\n-----END)/, (one) => (one === "A" ? "B" : "A")),
    );
    await assert.rejects(releaseRepo(repo, {}, options, at(SECOND)), /signature of the current/);
  });

  it("a release from an older copy keeps what is published", async () => {
    const { repo, secret: older } = await start("two-", ["never"]);
    const { secret } = await change("two-", (own, key) =>
      own.quiet("--quick-add-uid", key, "Another <another@example.org>"),
    );
    const release = async (key: string): Promise<ReleaseResult> =>
      releaseRepo(repo, {}, { signer: await signer(key, SECOND) }, at(SECOND));
    await release(secret);
    const published = await readFile(path.join(repo, "RPM-GPG-KEY-life"), "utf8");
    assert.deepEqual((await release(older)).keyNotes, []);
    assert.equal(await readFile(path.join(repo, "RPM-GPG-KEY-life"), "utf8"), published);
  });

  it("keeps what another release published while this one waited for the lock", async () => {
    const { repo, secret: older } = await start("raced-", ["never"]);
    const { secret } = await change("raced-", (own, key) =>
      own.quiet("--quick-add-uid", key, "Another <another@example.org>"),
    );
    const keyFile = path.join(repo, "RPM-GPG-KEY-life");
    const store = openDirectoryStore(repo);
    const before = await store.read(".virt-appliance/repository.json");
    await releaseRepo(repo, {}, { signer: await signer(secret, SECOND) }, at(SECOND));
    const published = await readFile(keyFile, "utf8");
    // Data that was read before the lock was held is older than that release.
    let reads = 0;
    const read: Store["read"] = async (file, options) =>
      file === ".virt-appliance/repository.json" && reads++ === 0
        ? before
        : store.read(file, options);
    const options = { signer: await signer(older, SECOND), store: { ...store, read } };
    await releaseRepo(repo, {}, options, at(SECOND));
    assert.notEqual(reads, 1);
    assert.equal(await readFile(keyFile, "utf8"), published);
  });

  it("refuses another key, and packages signed by a key whose secret half is lost", async () => {
    const { repo } = await start("lost-", ["never", "never"]);
    const other = await gpg.makeKey("stranger", "ed25519", "sign", "never");
    const releaseWith = async (secret: string) =>
      releaseRepo(repo, {}, { signer: await signer(secret, SECOND) }, at(SECOND));
    await assert.rejects(releaseWith(other.secret), { code: "REPO_WRONG_KEY" });
    const { secret } = await change("lost-", async (own, key) => {
      await own.answer(["key 1", "revkey", "y", "1", "", "y", "save"], "--edit-key", key);
      await addSubkey(own, key);
    });
    await assert.rejects(releaseWith(secret), {
      code: "REPO_DAMAGED",
      message: /its subkey is revoked: compromised/,
    });
  });

  it("reports that the published key was replaced", async () => {
    const { repo } = await start("swapped-", ["never"]);
    const other = await gpg.makeKey("swapper", "ed25519", "sign", "never");
    await copyFile(other.public, path.join(repo, "RPM-GPG-KEY-life"));
    const { problems } = await checkRepository(repo, at(FIRST));
    assert.match(problems.join(), /RPM-GPG-KEY-life: differs from the repository's key/);
  });
});
