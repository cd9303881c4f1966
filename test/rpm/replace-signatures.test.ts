import assert from "node:assert/strict";
import { chmod, copyFile, open, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { readRpm, replaceSignatures, rewriteSignatures } from "../../src/rpm/index.ts";
import { testContext } from "../support/context.ts";
import { buildInto, packagePlan, textFile } from "../fixtures/package-plan.ts";
import { binEntry, int32Entry, joinRpm, splitRpm, withTags } from "../fixtures/rpm-parts.ts";
import { rpmbuild } from "../fixtures/rpmbuild-package.ts";
import { watchHandles } from "../support/watch-handles.ts";
import { temporaryFolder } from "../support/temporary.ts";

const packet = (length: number, fill: number): Buffer => Buffer.alloc(length, fill);

describe("replaceSignatures", () => {
  const folder = temporaryFolder();
  let ours: string;
  let rpmbuilds: string;
  before(async () => {
    ours = (await buildInto(folder, packagePlan({ entries: [textFile("/opt/a", "a\n")] }))).path;
    [rpmbuilds = ""] = await rpmbuild(path.join(folder, "rpmbuild"), "made");
  });

  async function copyOf(file: string): Promise<string> {
    const copy = path.join(folder, "copy.rpm");
    await copyFile(file, copy);
    return copy;
  }

  for (const which of ["native writer", "rpmbuild"] as const) {
    const original = (): string => (which === "rpmbuild" ? rpmbuilds : ours);

    it(`changes nothing behind the signature header of a package by the ${which}`, async () => {
      const copy = await copyOf(original());
      const inode = (await stat(copy)).ino;
      await replaceSignatures(copy, [{ tag: "RSA", bytes: packet(566, 7) }]);
      const [unsigned, signed] = await Promise.all([readRpm(original()), readRpm(copy)]);
      const [before, after] = await Promise.all([readFile(original()), readFile(copy)]);
      assert.equal((await stat(copy)).ino, inode);
      assert.equal(after.length, before.length);
      assert.ok(after.subarray(0, 96).equals(before.subarray(0, 96)), "lead");
      assert.ok(
        after.subarray(unsigned.headerStart).equals(before.subarray(unsigned.headerStart)),
        "header and payload",
      );
      assert.deepEqual(signed.signature.bytes("RSA"), packet(566, 7));
      assert.equal(signed.signature.string("SHA256"), unsigned.signature.string("SHA256"));
    });

    it(`gives back the bytes of a package by the ${which} when the signatures go`, async () => {
      const copy = await copyOf(original());
      await replaceSignatures(copy, [{ tag: "DSA", bytes: packet(119, 1) }]);
      await replaceSignatures(copy, []);
      assert.ok((await readFile(copy)).equals(await readFile(original())));
    });
  }

  it("replaces signatures of every kind by the new ones", async () => {
    const copy = await copyOf(ours);
    await replaceSignatures(copy, [{ tag: "RSA", bytes: packet(566, 7) }]);
    await replaceSignatures(copy, [
      { tag: "DSA", bytes: packet(119, 2) },
      { tag: "OPENPGP", bytes: packet(119, 2) },
      { tag: "OPENPGP", bytes: packet(566, 3) },
    ]);
    const { signature } = await readRpm(copy);
    assert.equal(signature.has("RSA"), false);
    assert.deepEqual(signature.bytes("DSA"), packet(119, 2));
    assert.deepEqual(signature.strings("OPENPGP"), [
      packet(119, 2).toString("base64"),
      packet(566, 3).toString("base64"),
    ]);
  });

  it("fills the reserved space to its last byte, and refuses more", async () => {
    const space = (await readRpm(ours)).signature.bytes("RESERVEDSPACE")?.length ?? 0;
    // A signature needs an index entry of 16 bytes; with no space left, the entry of the space is removed too.
    for (const length of [space - 17, space]) {
      const copy = await copyOf(ours);
      await replaceSignatures(copy, [{ tag: "RSA", bytes: packet(length, 1) }]);
      assert.equal((await readRpm(copy)).signature.bytes("RSA")?.length, length);
    }
    const copy = await copyOf(ours);
    await assert.rejects(
      replaceSignatures(copy, [{ tag: "RSA", bytes: packet(space + 4, 1) }]),
      (error) => error instanceof ApplianceError && error.code === "RPM_NO_SIGNATURE_SPACE",
    );
    assert.ok((await readFile(copy)).equals(await readFile(ours)), "as it was");
  });

  it("refuses two signatures in a tag that holds one", async () => {
    const copy = await copyOf(ours);
    const twice = [packet(9, 1), packet(9, 2)].map((bytes) => ({ tag: "RSA", bytes }) as const);
    await assert.rejects(replaceSignatures(copy, twice), TypeError);
  });

  it("does not touch what is no package", async () => {
    const copy = await copyOf(ours);
    const handle = await open(copy, "r+");
    await handle.write(Buffer.from([0]), 0, 1, 96);
    await handle.close();
    const before = await readFile(copy);
    await assert.rejects(
      replaceSignatures(copy, []),
      (error) => error instanceof ApplianceError && error.code === "RPM_MALFORMED",
    );
    assert.ok((await readFile(copy)).equals(before));
  });

  it("has the new signatures on the disk when it returns", async () => {
    const copy = await copyOf(ours);
    using watch = await watchHandles(copy);
    await replaceSignatures(copy, [{ tag: "RSA", bytes: packet(566, 7) }]);
    assert.deepEqual(watch.calls, ["write", "sync"]);
  });

  it("removes signatures over header and payload, of rpm before 4.14", async () => {
    const copy = await copyOf(rpmbuilds);
    const parts = splitRpm(await readFile(copy));
    const set = [binEntry(1002, packet(280, 4)), binEntry(1005, packet(72, 5))];
    const old = { ...parts, signature: withTags(parts.signature, { set }) };
    await writeFile(copy, joinRpm(old));
    assert.ok((await readRpm(copy)).signature.has("PGP"));
    await replaceSignatures(copy, [{ tag: "RSA", bytes: packet(566, 7) }]);
    const { signature } = await readRpm(copy);
    assert.deepEqual(
      [signature.has("PGP"), signature.has("GPG"), signature.has("RSA")],
      [false, false, true],
    );
  });

  it("keeps the mode of a package that is rewritten", async () => {
    const copy = await copyOf(ours);
    for (const mode of [0o640, 0o444]) {
      await chmod(copy, mode);
      await rewriteSignatures(copy, [{ tag: "RSA", bytes: packet(566, 7) }], testContext());
      assert.equal((await stat(copy)).mode & 0o7777, mode);
    }
    await chmod(copy, 0o644);
  });

  it("refuses a signature header of more tags than rpm reads, and leaves it as it was", async () => {
    const copy = await copyOf(rpmbuilds);
    const parts = splitRpm(await readFile(copy));
    const more = Array.from({ length: 31 - parts.signature.length }, (_, i) =>
      int32Entry(1200 + i, 1),
    );
    const full = joinRpm({
      ...parts,
      signature: withTags(parts.signature, { set: more, without: [1008] }),
    });
    await writeFile(copy, full);
    const signatures = [
      { tag: "RSA", bytes: packet(566, 7) },
      { tag: "DSA", bytes: packet(119, 1) },
    ] as const;
    await assert.rejects(rewriteSignatures(copy, signatures, testContext()), {
      code: "RPM_MALFORMED",
    });
    assert.ok((await readFile(copy)).equals(full));
  });
});
