import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { readRpm, type RpmPackage } from "../../src/rpm/index.ts";
import { signRpm, verifyRpm } from "../../src/sign/index.ts";
import { signatureTag, smallPackage } from "../fixtures/unsigned-package.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { openFolder } from "../support/temporary.ts";

const context = testContext();
const LANES = 8;

/** Every byte of lead and headers but the middle of the reserved space, and samples of that and of the payload. */
function positions(bytes: Buffer, rpm: RpmPackage): number[] {
  const reserved = signatureTag(bytes, 1008);
  assert.ok(reserved);
  const from = reserved.dataAt + 16;
  const to = reserved.dataAt + reserved.count - 16;
  return Array.from(bytes.keys()).filter((at) => {
    if (at >= rpm.headerEnd) return at % 101 === 0 || at === bytes.length - 1;
    return at < from || at >= to || at % 97 === 0;
  });
}

/** The change of a byte: single bits in turn, and now and then all of them. */
function altered(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ (at % 9 === 8 ? 0xff : 1 << (at % 9));
  return copy;
}

describe("an RPM that was altered by one byte", () => {
  it("a package with one changed byte never passes strict verification", async () => {
    const { signer, keyring } = await testKey();
    const file = await smallPackage("altered.rpm");
    await signRpm(file, signer, context);
    const bytes = await readFile(file);
    const rpm = await readRpm(file);
    assert.ok((await verifyRpm(file, { keyring, strict: true }, context)).ok);
    const unnoticed: number[] = [];
    const all = positions(bytes, rpm);
    // Most of the time is spent waiting for files: several run at once, each with its own file.
    const lane = async (number: number): Promise<void> => {
      const own = `${file}.${number}`;
      for (const at of all.filter((_, i) => i % LANES === number)) {
        await writeFile(own, altered(bytes, at));
        if ((await verifyRpm(own, { keyring, strict: true }, context)).ok) unnoticed.push(at);
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
    assert.deepEqual(unnoticed, []);
  });

  it("is noticed by us wherever rpm notices it", async () => {
    const { signer, keyring, generated } = await testKey();
    const file = await smallPackage("compared.rpm");
    await signRpm(file, signer, context);
    const bytes = await readFile(file);
    const rpm = await readRpm(file);
    await using folder = await openFolder();
    const database = path.join(folder.path, "rpmdb");
    await mkdir(database);
    await context.run("rpmkeys", ["--dbpath", database, "--import", generated.publicPath]);
    const samples = positions(bytes, rpm).filter((at, i) => at < 100 || i % 13 === 0);
    let noticedByRpm = 0;
    for (const at of samples) {
      const copy = path.join(folder.path, `${at}.rpm`);
      await writeFile(copy, altered(bytes, at));
      const args = ["--dbpath", database, "--checksig", copy];
      const { exitCode } = await context.run("rpmkeys", args, { acceptExitCodes: [1] });
      if (exitCode === 0) continue;
      noticedByRpm += 1;
      assert.equal((await verifyRpm(copy, { keyring }, context)).ok, false, `byte ${at}`);
    }
    assert.ok(noticedByRpm > samples.length / 2, "rpm was really asked");
  });
});
