import assert from "node:assert/strict";
import { copyFile, mkdtemp, open, readFile, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { readRpm, replaceSignatures } from "../../src/rpm/index.ts";
import { buildInto, packagePlan, textFile } from "../support/package-plan.ts";
import { rpmbuild } from "../support/rpmbuild.ts";

const packet = (length: number, fill: number): Buffer => Buffer.alloc(length, fill);

describe("replaceSignatures", () => {
  let folder: string;
  let ours: string;
  let rpmbuilds: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "rpm-signatures-"));
    ours = (await buildInto(folder, packagePlan({ entries: [textFile("/opt/a", "a\n")] }))).path;
    [rpmbuilds = ""] = await rpmbuild(path.join(folder, "rpmbuild"), "made");
  });
  after(() => rm(folder, { recursive: true }));

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
    // A signature costs an index entry of 16 bytes; with no space left the entry of the space goes as well.
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
});
