import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { parseKeyring, verifyDetached } from "../../src/sign/index.ts";
import { type KeyState, partStateAt } from "../../src/sign/key-facts.ts";
import type { PartLife } from "../../src/sign/key-life.ts";
import { encodeArmor } from "../../src/sign/armor.ts";
import { parseSecretKey, privateNumbersOf } from "../../src/sign/openpgp/index.ts";
import { makePacketSigner } from "../../src/sign/packet-signer.ts";
import { testKey } from "../fixtures/signing-key.ts";

const MADE = new Date("2025-01-01T00:00:00Z");
const END = new Date("2026-01-01T00:00:00Z");
const seconds = (date: Date, count: number): Date => new Date(date.getTime() + count * 1000);

const good: PartLife = {
  fingerprint: "0".repeat(40),
  keyId: "0".repeat(16),
  isPrimary: true,
  algorithm: "RSA-4096",
  createdAt: MADE,
  expiresAt: END,
  revocation: undefined,
  isForSigning: true,
  fault: undefined,
  selfSignature: undefined,
};
const retired = { reason: "retired", since: new Date("2025-06-01T00:00:00Z") };
const stolen = { reason: "compromised", since: undefined };

describe("partStateAt", () => {
  for (const [what, part, at, expected] of [
    ["in the second when it was made", {}, MADE, "valid"],
    ["a second before that", {}, seconds(MADE, -1), "not yet valid"],
    ["in its last second", {}, seconds(END, -1), "valid"],
    ["in the second of its end", {}, END, "expired"],
    ["long after, when it has no end", { expiresAt: undefined }, seconds(END, 1e9), "valid"],
    ["before it was retired", { revocation: retired }, seconds(retired.since, -1), "valid"],
    ["when it was retired", { revocation: retired }, retired.since, "revoked"],
    ["long before it was known to be stolen", { revocation: stolen }, MADE, "revoked"],
    ["as a stolen subkey", { isPrimary: false, revocation: stolen }, MADE, "revoked"],
    ["when it is not for signing", { isForSigning: false }, MADE, "unusable"],
    ["when it is too weak", { fault: "is too weak" }, MADE, "unusable"],
  ] as const satisfies readonly (readonly [string, Partial<PartLife>, Date, KeyState])[]) {
    it(`${expected}: ${what}`, () => {
      assert.equal(partStateAt({ ...good, ...part }, at), expected);
    });
  }
});

describe("a signature's type", () => {
  it("is that of bytes: one over text, or by nobody over nothing, is refused though it matches", async () => {
    const { generated } = await testKey();
    const key = await parseSecretKey(await readFile(generated.secretPath), "key");
    const numbers = privateNumbersOf(key);
    assert.ok(numbers);
    const sign = makePacketSigner(numbers, Buffer.from(generated.fingerprint, "hex"));
    const keyring = await parseKeyring(await readFile(generated.publicPath), "key");
    const now = new Date("2026-01-02T03:04:05Z");
    const data = Buffer.from("<repomd/>");
    for (const [signatureType, expected] of [
      [0x00, "ok"],
      [0x01, "bad"],
      [0x02, "bad"],
      [0x10, "bad"],
      [0x40, "bad"],
    ] as const) {
      const packet = sign({
        signatureType,
        subpackets: [],
        createdSeconds: now.getTime() / 1000,
        data,
      });
      const armored = encodeArmor("SIGNATURE", packet);
      const { status, detail } = await verifyDetached(data, armored, { keyring, now });
      assert.equal(status, expected, `type ${signatureType}: ${detail}`);
      if (expected === "bad") assert.match(detail ?? "", /has type \d+, expected 0 \(binary\)/);
    }
  });
});
