import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  chmod,
  chown,
  link,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { readRpm } from "../../src/rpm/index.ts";
import {
  generateKey,
  openSigner,
  packageSignatures,
  removeSignatures,
  type Signer,
  signRpm,
} from "../../src/sign/index.ts";
import { openCrafter, subpacketBytes } from "../fixtures/crafted-signature.ts";
import {
  binEntry,
  digestEntries,
  joinRpm,
  splitRpm,
  stringsEntry,
  withTags,
} from "../fixtures/rpm-parts.ts";
import { KEY_CREATED_AT, testKey } from "../fixtures/signing-key.ts";
import { edit, smallPackage, withoutReservedSpace } from "../fixtures/unsigned-package.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const context = testContext();

describe("changing the signatures of a package", () => {
  const folder = temporaryFolder();
  let first: Signer;
  let second: Signer;

  before(async () => {
    first = (await testKey()).signer;
    await generateKey({
      name: "second",
      userId: "Second <second@example.com>",
      folder,
      createdAt: KEY_CREATED_AT,
    });
    second = await openSigner({ key: "second", folder, now: context.now() });
  });

  async function keysOf(file: string): Promise<readonly string[]> {
    const ids = packageSignatures(await readRpm(file)).map(({ keyId = "none" }) => keyId);
    return [...new Set(ids)].sort();
  }

  async function leavesAlone(
    file: string,
    work: () => Promise<unknown>,
    code: string,
  ): Promise<void> {
    const before = await readFile(file);
    const names = await readdir(path.dirname(file));
    await assert.rejects(work, { code });
    assert.ok((await readFile(file)).equals(before));
    assert.deepEqual(await readdir(path.dirname(file)), names, "and leaves nothing beside it");
  }

  for (const [how, prepare] of [
    ["in place", async (): Promise<void> => {}],
    ["by rewriting", (file: string): Promise<void> => edit(file, withoutReservedSpace)],
    ["by rewriting, for its other name", (file: string): Promise<void> => link(file, `${file}.2`)],
  ] as const) {
    it(`loses no signature when two are added at once, ${how}`, async () => {
      const file = await smallPackage(`at-once-${how.length}.rpm`);
      await rm(`${file}.2`, { force: true });
      await prepare(file);
      let letGo: () => void = () => {};
      const seen = new Promise<void>((resolve) => (letGo = resolve));
      // It holds the package until the other one has been seen to wait for it, or is done.
      const slow: Signer = {
        ...first,
        sign: async (...request) => {
          await seen;
          return first.sign(...request);
        },
      };
      const waiting = testContext({ logger: { ...context.logger, info: () => letGo() } });
      await Promise.all([
        signRpm(file, slow, waiting, { others: "kept" }),
        signRpm(file, second, waiting, { others: "kept" }).finally(() => letGo()),
      ]);
      assert.deepEqual(await keysOf(file), [first.keyId, second.keyId].sort());
    });
  }

  it("stops waiting for another process when it is interrupted", async () => {
    const file = await smallPackage("interrupted-wait.rpm");
    const stop = new AbortController();
    const held = new Promise<void>((resolve) =>
      stop.signal.addEventListener("abort", () => resolve()),
    );
    const slow: Signer = {
      ...first,
      sign: async (...request) => {
        const other = testContext({
          signal: stop.signal,
          logger: { ...context.logger, info: () => stop.abort() },
        });
        // The package is locked now: this one has to wait, and is interrupted then.
        await assert.rejects(signRpm(file, second, other), { code: "LIB_INTERRUPTED" });
        await held;
        return first.sign(...request);
      },
    };
    await signRpm(file, slow, context);
    assert.deepEqual(await keysOf(file), [first.keyId]);
  });

  it("is not begun when it is interrupted while the signer works", async () => {
    const file = await smallPackage("interrupted-signer.rpm");
    const stop = new AbortController();
    const slow: Signer = {
      ...first,
      sign: (...request) => {
        stop.abort();
        return first.sign(...request);
      },
    };
    const interrupted = testContext({ signal: stop.signal });
    await leavesAlone(file, () => signRpm(file, slow, interrupted), "LIB_INTERRUPTED");
  });

  it("is not begun when the second of two signers fails", async () => {
    const file = await smallPackage("failing-signer.rpm");
    const broken: Signer = {
      ...second,
      sign: async () => {
        throw new ApplianceError("SIGN_KEY_EXPIRED", "the key has expired");
      },
    };
    await leavesAlone(file, () => signRpm(file, [first, broken], context), "SIGN_KEY_EXPIRED");
  });

  for (const [what, change] of [
    ["built again", (file: string): Promise<void> => edit(file, withoutReservedSpace)],
    [
      "signed by a program that takes no lock",
      (file: string): Promise<void> =>
        edit(file, (bytes) => {
          const parts = splitRpm(bytes);
          const set = [binEntry(267, Buffer.alloc(100, 1))];
          return joinRpm({ ...parts, signature: withTags(parts.signature, { set }) });
        }),
    ],
    ["cut off", async (file: string): Promise<void> => truncate(file, 9000)],
  ] as const) {
    it(`is not begun when the package was ${what} while the signer worked`, async () => {
      const file = await smallPackage("changed.rpm");
      const slow: Signer = {
        ...first,
        sign: async (...request) => {
          await change(file);
          return first.sign(...request);
        },
      };
      const copy = await smallPackage("changed-copy.rpm");
      await change(copy);
      await assert.rejects(signRpm(file, slow, context), { code: "RPM_INPUT_CHANGED" });
      assert.ok((await readFile(file)).equals(await readFile(copy)), "with their change alone");
    });
  }

  it("removes what a killed process left behind when it rewrites the package again", async () => {
    const file = await smallPackage("left.rpm");
    await edit(file, withoutReservedSpace);
    // No process has this number: it is the largest that Linux allows, plus one.
    const machine = createHash("sha256").update(os.hostname()).digest("hex").slice(0, 8);
    const left = path.join(path.dirname(file), `.left.rpm.${machine}-4194305-0123abcd.tmp`);
    await writeFile(left, "half of a package");
    await signRpm(file, first, context);
    assert.equal((await readdir(path.dirname(file))).includes(path.basename(left)), false);
  });

  it("names a key that has not signed, and the keys that have", async () => {
    const file = await smallPackage("unknown-key.rpm");
    await signRpm(file, first, context);
    const work = (): Promise<unknown> =>
      removeSignatures(file, [first.keyId, second.fingerprint], context);
    await leavesAlone(file, work, "SIGN_NO_SIGNATURE");
    await assert.rejects(work, ({ message, details }: ApplianceError) => {
      assert.match(
        message,
        new RegExp(`unknown-key.rpm: no signature by the key ${second.fingerprint}`),
      );
      assert.deepEqual(details, [`signed by ${first.keyId} (tag RSA)`]);
      return true;
    });
  });

  it("takes ids in upper case, and removes nothing from an unsigned package", async () => {
    const file = await smallPackage("upper-case.rpm");
    const before = await readFile(file);
    assert.deepEqual((await removeSignatures(file, "all", context)).removed, []);
    await signRpm(file, first, context);
    await removeSignatures(file, [first.fingerprint.toUpperCase()], context);
    assert.ok((await readFile(file)).equals(before));
  });

  for (const [what, tag, make] of [
    ["is no packet", 267, (): Buffer => Buffer.alloc(100, 1)],
    [
      "is of another header",
      268,
      (sign: (bytes: Buffer) => Buffer): Buffer => sign(Buffer.from("x")),
    ],
  ] as const) {
    it(`refuses to keep a signature that ${what}`, async () => {
      const crafter = await openCrafter();
      const file = await smallPackage("bad-kept.rpm");
      const unhashed = subpacketBytes(16, Buffer.from("00112233445566aa", "hex"));
      await edit(file, (bytes) => {
        const parts = splitRpm(bytes);
        const bad = make((header) => crafter.version4(header, { unhashed }));
        const set = [binEntry(tag, bad), stringsEntry(278, [bad.toString("base64")])];
        return joinRpm({ ...parts, signature: withTags(parts.signature, { set }) });
      });
      const work = (): Promise<unknown> => signRpm(file, second, context, { others: "kept" });
      await leavesAlone(file, work, "SIGN_RPM_CORRUPT");
      await signRpm(file, second, context);
      assert.deepEqual(await keysOf(file), [second.keyId]);
    });
  }

  it("keeps the signature header small enough for rpm 4.14, and refuses one signature more", async () => {
    const file = await smallPackage("too-many.rpm");
    const crafter = await openCrafter();
    const fill = (count: number): Promise<void> =>
      edit(file, (bytes) => {
        const parts = splitRpm(bytes);
        const { header } = digestEntries(parts);
        const packets = Array.from({ length: count }, (_, key) => {
          const unhashed = subpacketBytes(16, Buffer.from(String(key).padStart(16, "0"), "hex"));
          return crafter.version4(header, { unhashed }).toString("base64");
        });
        const set = [stringsEntry(278, packets)];
        const signature = withTags(parts.signature, { set, without: [267, 268, 1008] });
        return joinRpm({ ...parts, signature });
      });
    await fill(3);
    const { rewritten } = await signRpm(file, second, context, { others: "kept" });
    assert.equal(rewritten, true);
    assert.equal(packageSignatures(await readRpm(file)).length, 5);
    const small = (await readRpm(file)).signature.raw;
    assert.ok(small.readUInt32BE(12) <= 8192, `${small.readUInt32BE(12)} bytes of data`);
    // Each has about 750 bytes in base64, and the first of them will be there twice.
    await fill(10);
    const work = (): Promise<unknown> => signRpm(file, second, context, { others: "kept" });
    await leavesAlone(file, work, "RPM_NO_SIGNATURE_SPACE");
  });

  it("refuses what is no package, and what is not there", async () => {
    const own = path.join(folder, "odd");
    await mkdir(own);
    const text = path.join(own, "text.rpm");
    await writeFile(text, "no package\n");
    await leavesAlone(text, () => signRpm(text, first, context), "RPM_MALFORMED");
    await assert.rejects(signRpm(path.join(own, "none.rpm"), first, context), { code: "LIB_IO" });
    await assert.rejects(signRpm(own, first, context), { code: "LIB_IO" });
    const cut = await smallPackage("cut.rpm");
    for (const length of [95, 200, 4000, 4600]) {
      await truncate(cut, length);
      await leavesAlone(cut, () => signRpm(cut, first, context), "RPM_MALFORMED");
      await rm(cut);
      await smallPackage("cut.rpm");
    }
  });

  it("refuses a package whose payload another program writes to meanwhile", async () => {
    const file = await smallPackage();
    const bytes = await readFile(file);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    const slow: Signer = {
      ...first,
      sign: async (header, dates) => {
        await writeFile(file, bytes);
        return first.sign(header, dates);
      },
    };
    await assert.rejects(signRpm(file, slow, context, { payload: "read" }), {
      code: "RPM_INPUT_CHANGED",
    });
    assert.ok((await readFile(file)).equals(bytes));
  });

  it("leaves a package that it rewrites with its owner, group and mode", async () => {
    const file = await smallPackage("owned.rpm");
    await link(file, path.join(folder, "other-name.rpm"));
    await chmod(file, 0o640);
    await chown(file, 1234, 5678);
    const { rewritten } = await signRpm(file, first, context);
    const { uid, gid, mode } = await stat(file);
    assert.deepEqual([rewritten, uid, gid, mode & 0o7777], [true, 1234, 5678, 0o640]);
  });
});
