import assert from "node:assert/strict";
import { constants, createHash, generateKeyPairSync, privateEncrypt, sign } from "node:crypto";
import { isPlainlyGood } from "../../src/sign/rsa-match.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwk = publicKey.export({ format: "jwk" });
const publicParams = {
  n: Buffer.from(jwk.n ?? "", "base64url"),
  e: Buffer.from(jwk.e ?? "", "base64url"),
};
const message = Buffer.from("what is signed");
const digest = createHash("sha256").update(message).digest();
const id = { equals: (other: unknown) => other === id };
const key = { algorithm: 1, publicParams, getKeyID: () => id };

/** SHA-256's name in DER, without and with what rarely is left out, and the digest. */
const info = Buffer.concat([Buffer.from("3031300d060960864801650304020105000420", "hex"), digest]);
const shortInfo = Buffer.concat([Buffer.from("302f300b0609608648016503040201", "hex"), digest]);

function signature(s: Uint8Array, other: object = {}) {
  return {
    signatureType: 0,
    publicKeyAlgorithm: 1,
    hashAlgorithm: 8,
    issuerKeyID: id,
    created: new Date("2026-01-01T00:00:00Z"),
    signedHashValue: digest.subarray(0, 2),
    unknownSubpackets: [] as unknown[],
    rawNotations: [] as unknown[],
    revocationKeyClass: null as number | null,
    getExpirationTime: (): Date | number => Infinity,
    params: { s },
    ...other,
  };
}

/** Signs a block as it is, whatever stands in it. */
function raw(block: Buffer): Buffer {
  return privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, block);
}

/** Fills a block up to the key's size between its head and its tail. */
function block(head: string, tail: Buffer, fill = 0xff): Buffer {
  const start = Buffer.from(head, "hex");
  return Buffer.concat([start, Buffer.alloc(256 - start.length - tail.length, fill), tail]);
}

const good = sign("sha256", message, privateKey);
const zero = Buffer.from([0]);

describe("an RSA signature that OpenSSL checks", () => {
  it("is good when it is PKCS #1's one encoding of the digest", () => {
    assert.equal(isPlainlyGood(key, signature(good), digest), true);
    const own = raw(block("0001", Buffer.concat([zero, info])));
    assert.deepEqual(own, good);
  });

  it("is good over each hash that is not weak", () => {
    for (const [hashAlgorithm, name] of [
      [8, "sha256"],
      [9, "sha384"],
      [10, "sha512"],
      [11, "sha224"],
    ] as const) {
      const found = createHash(name).update(message).digest();
      const one = signature(sign(name, message, privateKey), {
        hashAlgorithm,
        signedHashValue: found.subarray(0, 2),
      });
      assert.equal(isPlainlyGood(key, one, found), true, name);
    }
  });

  it("is left to the library in any other encoding", () => {
    const forged = Buffer.concat([Buffer.from(`0001${"ff".repeat(8)}00`, "hex"), info]);
    const encodings: Readonly<Record<string, Buffer>> = {
      "garbage behind the digest": raw(
        Buffer.concat([forged, Buffer.alloc(256 - forged.length, 7)]),
      ),
      "padding of encryption": raw(block("0002", Buffer.concat([zero, info]))),
      "padding with another byte": raw(block("0001", Buffer.concat([zero, info]), 0xfe)),
      "a hash without parameters": raw(block("0001", Buffer.concat([zero, shortInfo]))),
      "no hash at all": raw(block("0001", Buffer.concat([zero, digest]))),
      "the name of another hash": sign("sha512", message, privateKey),
      PSS: sign("sha256", message, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING }),
      "a number above the modulus": Buffer.alloc(256, 0xff),
      "a number that is too long": Buffer.concat([zero, good]),
      nothing: Buffer.alloc(0),
    };
    for (const [what, s] of Object.entries(encodings)) {
      assert.equal(isPlainlyGood(key, signature(s), digest), false, what);
    }
    const flipped = Buffer.from(good);
    flipped[100] = (flipped[100] ?? 0) ^ 1;
    assert.equal(isPlainlyGood(key, signature(flipped), digest), false);
  });

  it("is left to the library when there is more to look at", () => {
    const created = new Date("2026-01-01T00:00:00Z");
    for (const other of [
      { signatureType: 1 },
      { signatureType: null },
      { publicKeyAlgorithm: 3 },
      { publicKeyAlgorithm: 2 },
      { hashAlgorithm: 2 },
      { hashAlgorithm: 10 },
      { hashAlgorithm: null },
      { issuerKeyID: { equals: () => false } },
      { created: null },
      { getExpirationTime: () => created },
      { signedHashValue: null },
      { signedHashValue: Buffer.from([digest[0] ?? 0, (digest[1] ?? 0) ^ 1]) },
      { unknownSubpackets: [{ type: 99, critical: true }] },
      { rawNotations: [{ name: "a@example.com", critical: true }] },
      { revocationKeyClass: 0x80 },
      { params: Promise.resolve({ s: good }) },
      { params: undefined },
    ]) {
      const one = signature(good, other);
      assert.equal(isPlainlyGood(key, one, digest), false, JSON.stringify(other));
    }
    const wrong = createHash("sha256").update("something else").digest();
    const one = signature(good, { signedHashValue: wrong.subarray(0, 2) });
    assert.equal(isPlainlyGood(key, one, wrong), false);
    const encryption = { ...key, algorithm: 2 };
    assert.equal(isPlainlyGood(encryption, signature(good), digest), false);
  });
});
