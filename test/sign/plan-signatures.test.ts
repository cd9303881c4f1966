import assert from "node:assert/strict";
import type { RpmFormat } from "../../src/rpm/index.ts";
import { planSignatures } from "../../src/sign/plan-signatures.ts";
import type { StoredSignature } from "../../src/sign/stored-signatures.ts";
import { encodeSignature, encodeSignedPart } from "../../src/sign/signature-packet.ts";

type Algorithm = "rsa" | "eddsa" | "new";
const numbers = { rsa: 1, eddsa: 22, new: 30 } as const;

/** A packet by a key that its name tells; the algorithm `new` is one that rpm before 6 does not know. */
function packet(algorithm: Algorithm, key: string): Buffer {
  const signed = encodeSignedPart({
    signatureType: 0,
    publicKeyAlgorithm: numbers[algorithm],
    hashAlgorithm: 10,
    hashed: [{ type: 16, critical: false, body: Buffer.from(key.padEnd(8)) }],
  });
  return Buffer.from(encodeSignature(signed, Buffer.alloc(2), [Buffer.alloc(2, 1)]));
}

function stored(tag: StoredSignature["tag"], algorithm: Algorithm, key: string): StoredSignature {
  const check = { what: "header signature", status: "nokey", keyId: key } as const;
  return { tag, packet: packet(algorithm, key), signature: { oddities: [], check } };
}

const added = (algorithm: Algorithm, keyId: string): { keyId: string; bytes: Buffer } => ({
  keyId,
  bytes: packet(algorithm, keyId),
});

const cases: readonly {
  readonly what: string;
  readonly kept: readonly StoredSignature[];
  readonly added: readonly { keyId: string; bytes: Buffer }[];
  readonly expected: readonly string[];
  /** Default: 4. */
  readonly format?: RpmFormat;
}[] = [
  { what: "nothing", kept: [], added: [], expected: [] },
  { what: "one RSA key", kept: [], added: [added("rsa", "a")], expected: ["RSA a"] },
  { what: "one Ed25519 key", kept: [], added: [added("eddsa", "e")], expected: ["DSA e"] },
  {
    what: "one key that rpm before 6 cannot read",
    kept: [],
    added: [added("new", "n")],
    expected: ["OPENPGP n"],
  },
  {
    what: "two keys: the first for old rpm, both for rpm 6",
    kept: [],
    added: [added("rsa", "a"), added("eddsa", "e")],
    expected: ["RSA a", "OPENPGP a", "OPENPGP e"],
  },
  {
    what: "two keys in the other order",
    kept: [],
    added: [added("eddsa", "e"), added("rsa", "a")],
    expected: ["DSA e", "OPENPGP e", "OPENPGP a"],
  },
  {
    what: "a new algorithm first: old rpm gets the first that it can read",
    kept: [],
    added: [added("new", "n"), added("rsa", "a")],
    expected: ["RSA a", "OPENPGP n", "OPENPGP a"],
  },
  {
    what: "a second key: the first is carried into OPENPGP",
    kept: [stored("RSA", "rsa", "a")],
    added: [added("rsa", "b")],
    expected: ["RSA a", "OPENPGP a", "OPENPGP b"],
  },
  {
    what: "a third key",
    kept: [stored("RSA", "rsa", "a"), stored("OPENPGP", "rsa", "a"), stored("OPENPGP", "rsa", "b")],
    added: [added("eddsa", "e")],
    expected: ["RSA a", "OPENPGP a", "OPENPGP b", "OPENPGP e"],
  },
  {
    what: "the first key again: in its place",
    kept: [stored("RSA", "rsa", "a"), stored("OPENPGP", "rsa", "a"), stored("OPENPGP", "rsa", "b")],
    added: [added("rsa", "a")],
    expected: ["RSA a", "OPENPGP a", "OPENPGP b"],
  },
  {
    what: "the second key again",
    kept: [stored("RSA", "rsa", "a"), stored("OPENPGP", "rsa", "a"), stored("OPENPGP", "rsa", "b")],
    added: [added("rsa", "b")],
    expected: ["RSA a", "OPENPGP a", "OPENPGP b"],
  },
  {
    what: "the one key again",
    kept: [stored("RSA", "rsa", "a")],
    added: [added("rsa", "a")],
    expected: ["RSA a"],
  },
  {
    what: "a removed first key: the second is now for old rpm",
    kept: [stored("OPENPGP", "rsa", "b"), stored("OPENPGP", "eddsa", "e")],
    added: [],
    expected: ["RSA b", "OPENPGP b", "OPENPGP e"],
  },
  {
    what: "one that is left",
    kept: [stored("OPENPGP", "eddsa", "e")],
    added: [],
    expected: ["DSA e"],
  },
  {
    what: "one of a new algorithm that is left",
    kept: [stored("OPENPGP", "new", "n")],
    added: [],
    expected: ["OPENPGP n"],
  },
  {
    what: "signatures of header and payload are kept where they are",
    kept: [stored("RSA", "rsa", "a"), stored("PGP", "rsa", "a")],
    added: [added("rsa", "b")],
    expected: ["RSA a", "OPENPGP a", "OPENPGP b", "PGP a"],
  },
  {
    what: "those by the same key are not",
    kept: [stored("PGP", "rsa", "a")],
    added: [added("rsa", "a")],
    expected: ["RSA a"],
  },
  {
    what: "both tags for old rpm, if another tool has used both",
    kept: [stored("DSA", "eddsa", "e"), stored("RSA", "rsa", "a")],
    added: [added("rsa", "b")],
    expected: ["DSA e", "RSA a", "OPENPGP e", "OPENPGP a", "OPENPGP b"],
  },
  {
    what: "a misplaced signature that is replaced does not take the tag of another",
    kept: [stored("DSA", "rsa", "x"), stored("RSA", "rsa", "a")],
    added: [added("rsa", "x")],
    expected: ["RSA a", "OPENPGP x", "OPENPGP a"],
  },
  {
    what: "one key in format 6: for old rpm and for rpm 6",
    kept: [],
    added: [added("rsa", "a")],
    expected: ["RSA a", "OPENPGP a"],
    format: 6,
  },
  { what: "nothing in format 6", kept: [], added: [], expected: [], format: 6 },
];

describe("planSignatures", () => {
  for (const { what, kept, added: more, expected, format } of cases) {
    it(`places ${what}`, () => {
      const found = planSignatures(kept, more, format ?? 4).map(({ tag, bytes }) => {
        // The key is in the only hashed subpacket.
        const key = Buffer.from(bytes).subarray(10, 18).toString().trim();
        return `${tag} ${key}`;
      });
      assert.deepEqual(found, expected);
    });
  }
});
