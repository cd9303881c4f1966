import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { readRpm } from "../../src/rpm/index.ts";
import { type CheckStatus, signRpm, verifyRpm } from "../../src/sign/index.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { edit, signatureTag, smallPackage } from "../fixtures/unsigned-package.ts";

const context = testContext();

async function signedPackage(): Promise<string> {
  const { signer } = await testKey();
  const file = await smallPackage();
  await signRpm(file, signer, context);
  return file;
}

/** Every check that is not ok, as `what: status`. */
async function faults(file: string): Promise<string[]> {
  const { keyring } = await testKey();
  const { checks, ok } = await verifyRpm(file, { keyring }, context);
  const found = checks.filter(({ status }) => status !== "ok");
  assert.equal(
    ok,
    found.every(({ status }) => status === "deviates" || status === "unchecked"),
  );
  const strict = await verifyRpm(file, { keyring, strict: true }, context);
  assert.equal(strict.ok, found.length === 0, "strict, nothing may deviate");
  return found.map(({ what, status }) => `${what}: ${status}`);
}

describe("verifyRpm", () => {
  it("gives one result for each digest, signature and part of the format", async () => {
    const { keyring } = await testKey();
    const { checks, ok, signed } = await verifyRpm(await signedPackage(), { keyring }, context);
    assert.deepEqual(
      checks.map(({ what, algorithm, status }) => [what, algorithm ?? "", status]),
      [
        ["lead", "", "ok"],
        ["signature header", "", "ok"],
        ["header digest", "SHA-256", "ok"],
        ["header digest", "SHA-1", "ok"],
        ["header signature", "RSA/SHA-512", "ok"],
        ["header and payload size", "", "ok"],
        ["payload digest", "SHA-256", "ok"],
        ["uncompressed payload digest", "SHA-256", "ok"],
        ["uncompressed payload size", "", "ok"],
        ["header and payload digest", "MD5", "ok"],
      ],
    );
    assert.ok(ok && signed);
  });

  it("finds an unsigned package wanting, unless that is allowed", async () => {
    const file = await smallPackage();
    const { keyring } = await testKey();
    assert.deepEqual(await faults(file), ["header signature: missing"]);
    const { ok, signed } = await verifyRpm(file, { keyring, allowUnsigned: true }, context);
    assert.ok(ok && !signed);
  });

  it("does not let a bad signature pass because unsigned packages may", async () => {
    const file = await signedPackage();
    const options = { keyring: { keys: [] }, allowUnsigned: true };
    const { ok, checks } = await verifyRpm(file, options, context);
    assert.equal(ok, false);
    assert.equal(checks.find(({ what }) => what === "header signature")?.status, "nokey");
  });

  it("names the digest that a changed payload breaks", async () => {
    const file = await signedPackage();
    const { headerEnd } = await readRpm(file);
    await edit(file, (bytes) => void bytes.writeUInt8(0x55, headerEnd + 3000));
    const found = await faults(file);
    assert.ok(found.includes("payload digest: bad"));
    assert.ok(found.includes("header and payload digest: bad"));
    assert.ok(!found.includes("header signature: bad"));
  });

  it("notices bytes that were added or cut off at the end", async () => {
    const file = await signedPackage();
    await edit(file, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]));
    const found = await faults(file);
    assert.ok(
      found.includes("payload digest: bad") && found.includes("header and payload size: deviates"),
    );
    await edit(file, (bytes) => bytes.subarray(0, -2));
    assert.ok((await faults(file)).includes("payload digest: bad"));
  });

  it("notices a header that was changed together with its digests", async () => {
    const file = await signedPackage();
    const { headerStart, headerEnd } = await readRpm(file);
    await edit(file, (bytes) => {
      bytes.write("B", bytes.lastIndexOf("A test.", headerEnd));
      const header = bytes.subarray(headerStart, headerEnd);
      for (const [tag, hash] of [
        [269, "sha1"],
        [273, "sha256"],
      ] as const) {
        const at = signatureTag(bytes, tag)?.dataAt ?? 0;
        bytes.write(createHash(hash).update(header).digest("hex"), at);
      }
    });
    const found = await faults(file);
    assert.ok(found.includes("header signature: bad"), found.join());
    assert.ok(!found.includes("header digest: bad"));
  });

  for (const [what, tag, change, result] of [
    [
      "reserved space that is used",
      1008,
      (b: Buffer, at: number) => b.writeUInt8(1, at + 100),
      "signature header: deviates",
    ],
    [
      "an unknown tag",
      1007,
      (b: Buffer, _: number, entry: number) => b.writeUInt32BE(1006, entry),
      "signature header: deviates",
    ],
    [
      "a tag of another type",
      1000,
      (b: Buffer, _: number, entry: number) => b.writeUInt32BE(7, entry + 4),
      "format: bad",
    ],
    [
      "a digest in upper case",
      273,
      (b: Buffer, at: number) => b.write(b.toString("latin1", at, at + 64).toUpperCase(), at),
      "header digest: deviates",
    ],
  ] as const) {
    it(`notices ${what}`, async () => {
      const file = await signedPackage();
      await edit(file, (bytes) => {
        const found = signatureTag(bytes, tag);
        assert.ok(found);
        change(bytes, found.dataAt, found.entryAt);
      });
      assert.ok((await faults(file)).includes(result));
    });
  }

  it("compares the lead with the header", async () => {
    for (const at of [4, 6, 9, 10, 75, 77, 79, 80, 95]) {
      const file = await signedPackage();
      await edit(file, (bytes) => void bytes.writeUInt8((bytes[at] ?? 0) ^ 0x20, at));
      // rpm before 6 looks at the format and the signature type, and at nothing else.
      const status = at === 4 || at === 79 ? "bad" : "deviates";
      assert.deepEqual(await faults(file), [`lead: ${status}`], `byte ${at}`);
    }
  });

  it("calls what is no package badly formed, whatever it is", async () => {
    const file = await smallPackage("junk.rpm");
    const good = await readFile(file);
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(5000), good.subarray(0, 3000)]) {
      await edit(file, () => bytes);
      assert.deepEqual(await faults(file), ["format: bad"]);
    }
  });

  it("judges a signature by the state of its key when it was made", async () => {
    const { keyring, signer } = await testKey();
    const file = await smallPackage();
    await signRpm(file, signer, context, { createdAt: new Date("2026-01-02T03:04:05Z") });
    const status = async (now: string): Promise<CheckStatus | undefined> => {
      const at = { ...context, now: () => new Date(now) };
      const { checks } = await verifyRpm(file, { keyring }, at);
      return checks.find(({ what }) => what === "header signature")?.status;
    };
    assert.equal(await status("2036-01-01T00:00:00Z"), "ok");
    assert.equal(await status("2026-01-02T03:00:00Z"), "ok", "clocks may differ a little");
    assert.equal(await status("2026-01-01T00:00:00Z"), "bad");
  });

  it("stops when it is interrupted", async () => {
    const { keyring } = await testKey();
    const file = await signedPackage();
    const interrupted = { ...context, signal: AbortSignal.abort() };
    await assert.rejects(verifyRpm(file, { keyring }, interrupted), { code: "LIB_INTERRUPTED" });
  });
});
