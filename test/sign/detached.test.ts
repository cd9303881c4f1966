import assert from "node:assert/strict";
import { signDetached, verifyDetached } from "../../src/sign/index.ts";
import { encodeArmor } from "../../src/sign/armor.ts";
import { openCrafter } from "../fixtures/crafted-signature.ts";
import { KEY_CREATED_AT, testKey } from "../fixtures/signing-key.ts";

const bytes = Buffer.from("<repomd/>\n");
const createdAt = new Date("2026-01-02T03:04:05Z");
const now = new Date("2026-01-03T00:00:00Z");

describe("detached signature", () => {
  it("is armored, the same each time, and good", async () => {
    const { signer, keyring } = await testKey();
    const armored = await signDetached(bytes, signer, { createdAt });
    assert.match(armored, /^-----BEGIN PGP SIGNATURE-----\n\n/);
    assert.equal(await signDetached(bytes, signer, { createdAt }), armored);
    const check = await verifyDetached(bytes, armored, { keyring, now });
    assert.deepEqual(check, {
      what: "signature",
      algorithm: "RSA/SHA-512",
      keyId: signer.keyId,
      status: "ok",
      detail: "Test Builders <builders@example.com>",
    });
  });

  it("expires at the requested time", async () => {
    const { signer, keyring } = await testKey();
    const expiresAt = new Date("2026-01-09T00:00:00Z");
    const armored = await signDetached(bytes, signer, { createdAt, expiresAt });
    const at = async (moment: string) =>
      (await verifyDetached(bytes, armored, { keyring, now: new Date(moment) })).status;
    assert.equal(await at("2026-01-08T23:59:59Z"), "ok");
    assert.equal(await at("2026-01-09T00:00:00Z"), "expired");
  });

  it("has to be over bytes, not over a text, and over a hash that cannot be forged", async () => {
    const { keyring } = await testKey();
    const crafter = await openCrafter();
    const verify = (packet: Uint8Array) =>
      verifyDetached(bytes, encodeArmor("SIGNATURE", packet), { keyring, now });
    assert.equal((await verify(crafter.version4(bytes))).status, "ok");
    for (const [form, message] of [
      [{ type: 1 }, /has type 1, expected 0/],
      [{ hash: "sha1" }, /is over SHA-1/],
      [{ hash: "md5" }, /is over MD5/],
    ] as const) {
      const { status, detail } = await verify(crafter.version4(bytes, form));
      assert.equal(status, "bad");
      assert.match(detail ?? "", message);
    }
  });

  it("is never dated before its key, or verifiers would refuse it", async () => {
    const { signer, keyring } = await testKey();
    const armored = await signDetached(bytes, signer, { createdAt: new Date(0) });
    assert.equal(armored, await signDetached(bytes, signer, { createdAt: KEY_CREATED_AT }));
    assert.equal((await verifyDetached(bytes, armored, { keyring, now })).status, "ok");
  });

  it("is bad for other bytes, when made in the future, and when it is no signature", async () => {
    const { signer, keyring } = await testKey();
    const armored = await signDetached(bytes, signer, { createdAt });
    const status = async (content: Uint8Array, signature: string, at = now) =>
      (await verifyDetached(content, signature, { keyring, now: at })).status;
    assert.equal(await status(Buffer.from("<repomd />\n"), armored), "bad");
    assert.equal(await status(bytes, armored, new Date("2026-01-02T02:00:00Z")), "bad");
    assert.equal(await status(bytes, ""), "bad");
    assert.equal(await status(bytes, signer.publicKey), "bad");
    assert.equal(
      await status(bytes, armored.replace(/[A-Za-z](?=[A-Za-z0-9+/]{10}\n)/, "!")),
      "bad",
    );
    assert.equal(await status(bytes, "x".repeat(100_000)), "bad");
  });

  it("distinguishes an unknown key from a bad signature", async () => {
    const { signer } = await testKey();
    const armored = await signDetached(bytes, signer, { createdAt });
    const check = await verifyDetached(bytes, armored, { keyring: { keys: [] }, now });
    assert.equal(check.status, "nokey");
    assert.equal(check.keyId, signer.keyId);
  });
});
