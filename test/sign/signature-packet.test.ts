import assert from "node:assert/strict";
import { array, assert as check, boolean, integer, property, record, uint8Array } from "fast-check";
import {
  decodeSignature,
  issuerOf,
  SignaturePacketError,
} from "../../src/sign/signature-decode.ts";
import {
  encodeMpi,
  encodeSignature,
  encodeSignedPart,
  type Subpacket,
  subpacketTypes,
} from "../../src/sign/signature-packet.ts";

const issuer = Buffer.from("0123456789abcdef", "hex");
const created: Subpacket = {
  type: subpacketTypes.creationTime,
  critical: false,
  body: Uint8Array.of(0x65, 0x53, 0xf1, 0x00),
};
const issuerId: Subpacket = { type: subpacketTypes.issuerKeyId, critical: false, body: issuer };

function packet(hashed: readonly Subpacket[] = [created, issuerId]): Buffer {
  const signedPart = encodeSignedPart({
    signatureType: 0,
    publicKeyAlgorithm: 1,
    hashAlgorithm: 10,
    hashed,
  });
  return Buffer.from(encodeSignature(signedPart, Uint8Array.of(0xaa, 0xbb), [Uint8Array.of(5)]));
}

const HASHED = "05026553f10009100123456789abcdef";
const SIGNED = `0400010a0010${HASHED}`;
const GOLDEN = `881d${SIGNED}0000aabb000305`;

describe("signature packet", () => {
  it("is encoded byte for byte as RFC 9580 lays it out", () => {
    assert.equal(packet().toString("hex"), GOLDEN);
  });

  it("is decoded to what was encoded", () => {
    const subpackets = array(
      record({
        type: integer({ min: 0, max: 127 }),
        critical: boolean(),
        body: uint8Array({ maxLength: 100 }),
      }),
      { maxLength: 8 },
    );
    check(
      property(subpackets, uint8Array({ minLength: 1, maxLength: 520 }), (hashed, number) => {
        const signedPart = encodeSignedPart({
          signatureType: 0,
          publicKeyAlgorithm: 22,
          hashAlgorithm: 8,
          hashed,
        });
        const parts = decodeSignature(encodeSignature(signedPart, Uint8Array.of(1, 2), [number]));
        const plain = (all: readonly Subpacket[]) =>
          all.map(({ type, critical, body }) => [
            type,
            critical,
            Buffer.from(body).toString("hex"),
          ]);
        assert.deepEqual(plain(parts.hashed), plain(hashed));
        assert.deepEqual(Buffer.from(parts.signedPart), Buffer.from(signedPart));
      }),
    );
  });

  it("writes numbers without leading zeros and with their exact count of bits", () => {
    for (const [bytes, encoded] of [
      [[], "0000"],
      [[0, 0], "0000"],
      [[1], "000101"],
      [[0, 0x80], "000880"],
      [[1, 0xff], "000901ff"],
    ] as const) {
      assert.equal(Buffer.from(encodeMpi(Uint8Array.from(bytes))).toString("hex"), encoded);
    }
  });

  it("is refused when any single bit outside the signed part changes its form", () => {
    const good = packet();
    const signedEnd = 2 + decodeSignature(good).signedPart.length;
    // A verifier compares the digest start and the number itself; their form is the same.
    const compared = new Set([signedEnd + 2, signedEnd + 3, good.length - 1]);
    for (let at = 0; at < good.length; at++) {
      if ((at >= 2 && at < signedEnd) || compared.has(at)) continue;
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(good);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        assert.throws(
          () => decodeSignature(changed),
          SignaturePacketError,
          `byte ${at} bit ${bit}`,
        );
      }
    }
  });

  for (const [what, hex] of [
    ["nothing at all", ""],
    ["a cut packet", GOLDEN.slice(0, -2)],
    ["bytes behind the packet", `${GOLDEN}00`],
    ["two packets", GOLDEN + GOLDEN],
    ["a version 3 signature", GOLDEN.replace(/^881d04/, "881d03")],
    ["a public key packet", GOLDEN.replace(/^88/, "98")],
    ["a partial length", GOLDEN.replace(/^881d/, "c2e5")],
    ["a subpacket outside the signed part", `8820${SIGNED}0003021a00aabb000305`],
    [
      "a critical issuer outside the signed part",
      `8827${SIGNED}000a09900123456789abcdefaabb000305`,
    ],
    ["a number with leading zeros", GOLDEN.replace(/^881d/, "881e").replace(/000305$/, "000b0005")],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decodeSignature(Buffer.from(hex, "hex")), SignaturePacketError);
    });
  }

  it("refuses two issuers that differ", () => {
    const fingerprint = Buffer.concat([Uint8Array.of(4), Buffer.alloc(20, 7)]);
    const other = { type: subpacketTypes.issuerFingerprint, critical: false, body: fingerprint };
    assert.equal(issuerOf(decodeSignature(packet())), issuer.toString("hex"));
    assert.throws(() => issuerOf(decodeSignature(packet([created, issuerId, other]))), /differ/);
  });
});
