import assert from "node:assert/strict";
import { chmod, link, readdir, readFile, stat, symlink, truncate } from "node:fs/promises";
import path from "node:path";
import { readRpm } from "../../src/rpm/index.ts";
import { signRpm, verifyRpm } from "../../src/sign/index.ts";
import { testContext } from "../support/context.ts";
import { openCrafter, subpacketBytes } from "../fixtures/crafted-signature.ts";
import {
  binEntry,
  digestEntries,
  int32Entry,
  joinRpm,
  splitRpm,
  stringsEntry,
  withTags,
} from "../fixtures/rpm-parts.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { edit, smallPackage, withoutReservedSpace } from "../fixtures/unsigned-package.ts";

const context = testContext();

async function isGood(file: string): Promise<boolean> {
  const { keyring } = await testKey();
  return (await verifyRpm(file, { keyring }, context)).ok;
}

describe("signRpm", () => {
  it("changes nothing outside the signature header, in place", async () => {
    const { signer } = await testKey();
    const file = await smallPackage();
    const [before, inode] = [await readFile(file), (await stat(file)).ino];
    const result = await signRpm(file, signer, context);
    const after = await readFile(file);
    const { signatureStart, headerStart } = await readRpm(file);
    const { fingerprint } = signer;
    const signatures = [{ tag: "RSA", keyId: signer.keyId }];
    const expected = { path: file, fingerprint, rewritten: false, replaced: [], signatures };
    assert.deepEqual(result, expected);
    assert.equal((await stat(file)).ino, inode);
    assert.equal(after.length, before.length);
    assert.deepEqual(after.subarray(0, signatureStart), before.subarray(0, signatureStart));
    assert.deepEqual(after.subarray(headerStart), before.subarray(headerStart));
    assert.notDeepEqual(after, before);
    assert.ok(await isGood(file));
  });

  it("gives the same bytes for the same time, and replaces a signature that is there", async () => {
    const { signer } = await testKey();
    const [one, two] = [await smallPackage("one.rpm"), await smallPackage("two.rpm")];
    const createdAt = new Date("2025-12-01T00:00:00Z");
    await signRpm(one, signer, context);
    await signRpm(one, signer, context, { createdAt });
    await signRpm(two, signer, context, { createdAt });
    assert.deepEqual(await readFile(one), await readFile(two));
    assert.ok(await isGood(one));
  });

  it("refuses a package whose header does not match its digest, and leaves it as it was", async () => {
    const { signer } = await testKey();
    const file = await smallPackage();
    const { headerEnd } = await readRpm(file);
    await edit(file, (bytes) => {
      const text = bytes.lastIndexOf("A test.", headerEnd);
      bytes.write("B", text);
    });
    const before = await readFile(file);
    await assert.rejects(signRpm(file, signer, context), { code: "SIGN_RPM_CORRUPT" });
    assert.deepEqual(await readFile(file), before);
  });

  it("rewrites a package without reserved space, and keeps its mode and everything after the signature header", async () => {
    const { signer } = await testKey();
    const file = await smallPackage();
    const original = await readFile(file);
    await edit(file, withoutReservedSpace);
    await chmod(file, 0o640);
    const { headerStart } = await readRpm(file);
    const before = await readFile(file);
    const result = await signRpm(file, signer, context);
    const after = await readFile(file);
    const moved = await readRpm(file);
    assert.equal(result.rewritten, true);
    assert.equal((await stat(file)).mode & 0o777, 0o640);
    assert.deepEqual(after.subarray(moved.headerStart), before.subarray(headerStart));
    assert.equal(moved.headerStart, original.length - (before.length - headerStart));
    assert.ok(await isGood(file));
  });

  it("leaves other names of the file alone", async () => {
    const { signer } = await testKey();
    const file = await smallPackage("name.rpm");
    const published = path.join(path.dirname(file), "published.rpm");
    await link(file, published);
    const before = await readFile(published);
    assert.equal((await signRpm(file, signer, context)).rewritten, true);
    assert.deepEqual(await readFile(published), before);
    assert.ok(await isGood(file));
  });

  it("keeps the size of a package with reserved space, however often it is signed", async () => {
    const { signer } = await testKey();
    const file = await smallPackage("again.rpm");
    const before = await readRpm(file);
    for (const again of ["first", "second"]) {
      await link(file, path.join(path.dirname(file), `again-${again}.rpm`));
      assert.equal((await signRpm(file, signer, context)).rewritten, true);
    }
    const after = await readRpm(file);
    assert.equal(after.fileSizeBytes, before.fileSizeBytes);
    assert.equal(after.headerStart, before.headerStart);
    assert.ok(await isGood(file));
  });

  it("signs what a symbolic link points to, and keeps the link", async () => {
    const { signer } = await testKey();
    const file = await smallPackage("target.rpm");
    await edit(file, withoutReservedSpace);
    const alias = path.join(path.dirname(file), "alias.rpm");
    await symlink(file, alias);
    await signRpm(alias, signer, context);
    assert.ok(await isGood(file));
    assert.ok(await isGood(alias));
  });

  it("leaves the package and no temporary behind when it is interrupted", async () => {
    const { signer } = await testKey();
    const file = await smallPackage("interrupted.rpm");
    await edit(file, withoutReservedSpace);
    const before = await readFile(file);
    const signal = AbortSignal.abort();
    await assert.rejects(signRpm(file, signer, { ...context, signal }), {
      code: "LIB_INTERRUPTED",
    });
    assert.deepEqual(await readFile(file), before);
    const rest = (await readdir(path.dirname(file))).filter((name) => name.endsWith(".tmp"));
    assert.deepEqual(rest, []);
  });

  it("refuses a package whose payload does not match its digest if it is to read it, and leaves it as it was", async () => {
    const { signer } = await testKey();
    const file = await smallPackage("damaged.rpm");
    await edit(file, (bytes) => void bytes.writeUInt8(0x55, bytes.length - 20));
    const before = await readFile(file);
    await assert.rejects(signRpm(file, signer, context, { payload: "read" }), {
      code: "SIGN_RPM_CORRUPT",
    });
    assert.deepEqual(await readFile(file), before);
    assert.equal((await signRpm(file, signer, context)).rewritten, false);
    assert.equal(await isGood(file), false, "the signature does not hide the damage");
  });

  for (const [change, lengthOf] of [
    ["cut off", (bytes: Buffer): number => bytes.length - 1],
    ["lengthened", (bytes: Buffer): number => bytes.length + 1],
  ] as const) {
    it(`refuses a package that was ${change}, without being told to read it`, async () => {
      const { signer } = await testKey();
      const file = await smallPackage("length.rpm");
      await truncate(file, lengthOf(await readFile(file)));
      const before = await readFile(file);
      await assert.rejects(signRpm(file, signer, context), { code: "SIGN_RPM_CORRUPT" });
      assert.deepEqual(await readFile(file), before);
    });
  }

  it("signs a package whose size is stated wrongly, because rpm accepts it", async () => {
    const { signer } = await testKey();
    const file = await smallPackage("size.rpm");
    await edit(file, (bytes) => {
      const parts = splitRpm(bytes);
      const set = [int32Entry(1000, 7)];
      return joinRpm({ ...parts, signature: withTags(parts.signature, { set, without: [1004] }) });
    });
    await signRpm(file, signer, context);
    assert.ok(await isGood(file));
  });

  it("refuses a digest of the payload that no payload can have", async () => {
    const { signer } = await testKey();
    const file = await smallPackage("impossible.rpm");
    await edit(file, (bytes) => {
      const parts = splitRpm(bytes);
      const main = withTags(parts.main, { set: [stringsEntry(5092, ["0".repeat(63)])] });
      const { sha1, sha256, md5 } = digestEntries({ ...parts, main });
      const signature = withTags(parts.signature, { set: [sha1, sha256, md5] });
      return joinRpm({ ...parts, main, signature });
    });
    await assert.rejects(signRpm(file, signer, context), { code: "SIGN_RPM_INCOMPLETE" });
  });

  it("refuses a package of which a signature would not cover the payload", async () => {
    const { signer } = await testKey();
    const file = await smallPackage("old.rpm");
    await edit(file, (bytes) => {
      const parts = splitRpm(bytes);
      const main = withTags(parts.main, { without: [5092, 5093, 5097] });
      const { md5 } = digestEntries({ ...parts, main });
      const signature = withTags(parts.signature, { without: [269, 273], set: [md5] });
      return joinRpm({ ...parts, main, signature });
    });
    const before = await readFile(file);
    await assert.rejects(signRpm(file, signer, context), { code: "SIGN_RPM_INCOMPLETE" });
    assert.deepEqual(await readFile(file), before);
  });

  it("removes the signatures of other keys wherever they are, and names them", async () => {
    const { signer } = await testKey();
    const crafter = await openCrafter();
    const file = await smallPackage("several.rpm");
    const other = subpacketBytes(16, Buffer.from("00112233445566aa", "hex"));
    await edit(file, (bytes) => {
      const parts = splitRpm(bytes);
      const { header } = digestEntries(parts);
      const own = crafter.version4(header);
      const strange = crafter.version4(header, { unhashed: other });
      const set = [
        binEntry(267, strange),
        binEntry(268, own),
        stringsEntry(278, [own.toString("base64"), strange.toString("base64")]),
        binEntry(1002, crafter.version3(Buffer.concat([header, parts.payload]))),
        binEntry(1005, strange),
      ];
      return joinRpm({ ...parts, signature: withTags(parts.signature, { set }) });
    });
    const { replaced } = await signRpm(file, signer, context);
    assert.deepEqual(replaced, [
      { tag: "DSA", keyId: "00112233445566aa" },
      { tag: "PGP", keyId: signer.keyId },
      { tag: "GPG", keyId: "00112233445566aa" },
      { tag: "OPENPGP", keyId: signer.keyId },
      { tag: "OPENPGP", keyId: "00112233445566aa" },
    ]);
    const { signature } = await readRpm(file);
    const holders = ["RSA", "DSA", "OPENPGP", "PGP", "GPG"] as const;
    assert.deepEqual(
      holders.filter((tag) => signature.has(tag)),
      ["RSA"],
    );
    assert.ok(await isGood(file));
    assert.deepEqual((await signRpm(file, signer, context)).replaced, []);
  });
});
