import assert from "node:assert/strict";
import { type Check, verifyRpm } from "../../src/sign/index.ts";
import { testContext } from "../support/context.ts";
import {
  createdAt,
  openCrafter,
  type SignatureCrafter,
  subpacketBytes,
} from "../fixtures/crafted-signature.ts";
import {
  binEntry,
  digestEntries,
  int32Entry,
  joinRpm,
  type RawEntry,
  splitRpm,
  stringEntry,
  stringsEntry,
  withTags,
} from "../fixtures/rpm-parts.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { edit, smallPackage } from "../fixtures/unsigned-package.ts";

const context = testContext();

/** What a package is tried with: entries of the signature header, from the header and the payload. */
type Make = (header: Buffer, payload: Buffer, crafter: SignatureCrafter) => readonly RawEntry[];

interface Tried {
  readonly ok: boolean;
  readonly strict: boolean;
  readonly signed: boolean;
  /** What is not ok, as `what: status`. */
  readonly faults: readonly string[];
  readonly checks: readonly Check[];
}

/** Puts entries into a package whose own digests are right, and verifies it. */
async function tryWith(
  make: Make,
  without: readonly number[] = [],
  gone: readonly number[] = [],
): Promise<Tried> {
  const { keyring } = await testKey();
  const crafter = await openCrafter();
  const file = await smallPackage("tried.rpm");
  await edit(file, (bytes) => {
    const split = splitRpm(bytes);
    const parts = { ...split, main: withTags(split.main, { without: gone }) };
    const { header, sha1, sha256, md5 } = digestEntries(parts);
    const size = int32Entry(1000, header.length + parts.payload.length);
    const digests = withTags(parts.signature, { set: [sha1, sha256, md5, size] });
    const set = make(header, parts.payload, crafter);
    return joinRpm({ ...parts, signature: withTags(withTags(digests, { without }), { set }) });
  });
  const { ok, signed, checks } = await verifyRpm(file, { keyring }, context);
  const strict = await verifyRpm(file, { keyring, strict: true }, context);
  const faults = checks
    .filter(({ status }) => status !== "ok")
    .map(({ what, status }) => `${what}: ${status}`);
  return { ok, strict: strict.ok, signed, faults, checks };
}

const base64 = (packet: Buffer): string => packet.toString("base64");

describe("signatures in packages", () => {
  for (const [what, make, faults] of [
    [
      "a version 3 signature of header and payload",
      (h, p, c) => [binEntry(1002, c.version3(Buffer.concat([h, p])))],
      [],
    ],
    ["a version 3 signature of the header", (h, _, c) => [binEntry(268, c.version3(h))], []],
    [
      "one over SHA-1",
      (h, _, c) => [binEntry(268, c.version4(h, { hash: "sha1" }))],
      ["signature header: deviates"],
    ],
    [
      "one in the tag of other keys",
      (h, _, c) => [binEntry(267, c.version4(h))],
      ["signature header: deviates"],
    ],
    [
      "one with a number in a longer form",
      (h, _, c) => [binEntry(268, c.version4(h, { extraBits: 7 }))],
      ["signature header: deviates"],
    ],
    [
      "a further one of version 6",
      (h, _, c) => [
        binEntry(268, c.version4(h)),
        stringsEntry(278, [base64(c.version4(h, { version: 6 }))]),
      ],
      ["header signature: unchecked"],
    ],
    [
      "a further one of an unknown algorithm",
      (h, _, c) => [
        binEntry(268, c.version4(h)),
        stringsEntry(278, [base64(c.version4(h, { algorithm: 30 }))]),
      ],
      ["header signature: unchecked"],
    ],
  ] as const satisfies readonly (readonly [string, Make, readonly string[]])[]) {
    it(`may be ${what}`, async () => {
      const tried = await tryWith(make);
      assert.deepEqual(tried.faults, faults);
      assert.ok(tried.ok && tried.signed);
      assert.equal(tried.strict, faults.length === 0);
    });
  }

  for (const [what, make] of [
    ["over a text", (h, _, c) => [binEntry(268, c.version4(h, { type: 1 }))]],
    ["of version 3 over a text", (h, _, c) => [binEntry(268, c.version3(h, "sha256", 1))]],
    ["over another header", (_, p, c) => [binEntry(268, c.version4(p))]],
    ["over MD5", (h, _, c) => [binEntry(268, c.version4(h, { hash: "md5" }))]],
    [
      "of version 6 where rpm reads others",
      (h, _, c) => [binEntry(268, c.version4(h, { version: 6 }))],
    ],
    [
      "of an unknown algorithm where rpm reads others",
      (h, _, c) => [binEntry(268, c.version4(h, { algorithm: 30 }))],
    ],
    [
      "of two numbers",
      (h, _, c) => [binEntry(268, c.version4(h, { more: Buffer.from([0, 1, 1]) }))],
    ],
    ["without a time", (h, _, c) => [binEntry(268, c.version4(h, { hashed: Buffer.alloc(0) }))]],
    [
      "with two times",
      (h, _, c) => [
        binEntry(268, c.version4(h, { hashed: Buffer.concat([createdAt, createdAt]) })),
      ],
    ],
    [
      "with a critical expiry",
      (h, _, c) => [
        binEntry(
          268,
          c.version4(h, {
            hashed: Buffer.concat([createdAt, subpacketBytes(0x83, Buffer.alloc(4, 0x7f))]),
          }),
        ),
      ],
    ],
    ["in base64 with a line end", (h, _, c) => [stringsEntry(278, [`${base64(c.version4(h))}\n`])]],
    [
      "in base64 of another alphabet",
      (h, _, c) => [
        stringsEntry(278, [base64(c.version4(h)).replaceAll("+", "-").replaceAll("/", "_")]),
      ],
    ],
  ] as const satisfies readonly (readonly [string, Make])[]) {
    it(`may not be one ${what}`, async () => {
      const { ok, faults } = await tryWith(make);
      assert.equal(ok, false);
      assert.ok(faults.includes("header signature: bad"), faults.join());
    });
  }

  it("count for nothing when their hash is unknown, as for rpm", async () => {
    const { ok, signed, faults } = await tryWith((h, _, c) => [
      binEntry(268, c.version4(h, { hashNumber: 99 })),
    ]);
    assert.deepEqual(
      [ok, signed, faults],
      [false, false, ["header signature: unchecked", "header signature: missing"]],
    );
  });

  const payloadDigests = [5092, 5093, 5097];

  it("have to reach the payload, through a digest or by themselves", async () => {
    const header: Make = (h, _, c) => [binEntry(268, c.version4(h))];
    const headerAlone = await tryWith(header, [], payloadDigests);
    assert.deepEqual([headerAlone.ok, headerAlone.faults], [false, ["payload digest: missing"]]);
    const whole = await tryWith(
      (h, p, c) => [binEntry(1002, c.version4(Buffer.concat([h, p])))],
      [],
      payloadDigests,
    );
    assert.deepEqual([whole.ok, whole.faults], [true, ["payload digest: deviates"]]);
  });
});

describe("digests in packages", () => {
  const headerDigests = [269, 273];
  const payloadDigests = [5092, 5093, 5097];

  for (const [what, without, gone, missing] of [
    ["header", [...headerDigests, 1004], [], "header digest: missing"],
    ["payload", [1004], payloadDigests, "payload digest: missing"],
  ] as const) {
    it(`have to cover the ${what}, whether or not packages may be unsigned`, async () => {
      const { keyring } = await testKey();
      const file = await smallPackage("uncovered.rpm");
      await edit(file, (bytes) => {
        const split = splitRpm(bytes);
        const parts = { ...split, main: withTags(split.main, { without: gone }) };
        const { sha1, sha256 } = digestEntries(parts);
        const digests = withTags(parts.signature, { set: [sha1, sha256] });
        return joinRpm({ ...parts, signature: withTags(digests, { without }) });
      });
      const { ok, checks } = await verifyRpm(file, { keyring, allowUnsigned: true }, context);
      assert.equal(ok, false);
      assert.ok(checks.some((check) => `${check.what}: ${check.status}` === missing));
    });
  }

  it("may be MD5 alone where packages may be unsigned", async () => {
    const { keyring } = await testKey();
    const file = await smallPackage("md5.rpm");
    await edit(file, (bytes) => {
      const split = splitRpm(bytes);
      const parts = { ...split, main: withTags(split.main, { without: payloadDigests }) };
      const { md5 } = digestEntries(parts);
      return joinRpm({
        ...parts,
        signature: withTags(parts.signature, { without: headerDigests, set: [md5] }),
      });
    });
    assert.equal((await verifyRpm(file, { keyring, allowUnsigned: true }, context)).ok, true);
    assert.equal((await verifyRpm(file, { keyring }, context)).ok, false);
    assert.equal(
      (await verifyRpm(file, { keyring, allowUnsigned: true, strict: true }, context)).ok,
      false,
    );
    await edit(file, (bytes) => void bytes.writeUInt8(0x55, bytes.length - 20));
    assert.equal((await verifyRpm(file, { keyring, allowUnsigned: true }, context)).ok, false);
  });

  it("of the new kinds have to be right where they are", async () => {
    const { ok, faults } = await tryWith((h, _, c) => [
      binEntry(268, c.version4(h)),
      stringEntry(279, "0".repeat(64)),
    ]);
    assert.deepEqual([ok, faults], [false, ["header digest: bad"]]);
  });
});
