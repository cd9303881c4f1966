import assert from "node:assert/strict";
import {
  type Arbitrary,
  array,
  assert as check,
  constantFrom,
  integer,
  oneof,
  property,
  record,
  string,
  tuple,
  uint8Array,
  uniqueArray,
} from "fast-check";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { encodeHeader, joinEntries } from "../../src/rpm/format/header-encode.ts";
import { splitEntries } from "../../src/rpm/format/header-decode.ts";
import { type HeaderEntry, type IntegerType, isIntegerType } from "../../src/rpm/format/header.ts";
import { encodeLead } from "../../src/rpm/format/lead.ts";
import { headerTags, signatureTags } from "../../src/rpm/format/tags.ts";
import { decodeHeader } from "../../src/rpm/rpm-header.ts";
import { testContext } from "../support/context.ts";
import { openFolder } from "../support/temporary.ts";

const place = { kind: "main", origin: "x.rpm", start: 4504 } as const;

function isMalformed(error: unknown): true {
  assert.ok(error instanceof ApplianceError, String(error));
  assert.equal(error.code, "RPM_MALFORMED");
  assert.match(error.message, /^x\.rpm: byte \d+: /);
  return true;
}

const texts = string({ unit: "grapheme", maxLength: 12 }).filter((text) => !text.includes("\0"));
const largest: readonly (readonly [IntegerType, number])[] = [
  ["INT8", 0xff],
  ["INT16", 0xffff],
  ["INT32", 0xffff_ffff],
  ["INT64", Number.MAX_SAFE_INTEGER],
];
/** Numbers that are none of the known tags, so that any type may have them. */
const unknownTag = integer({ min: 20000, max: 20200 });
const anyEntry: Arbitrary<HeaderEntry> = oneof(
  record({ tag: unknownTag, type: constantFrom("STRING" as const), value: texts }),
  record({
    tag: unknownTag,
    type: constantFrom("STRING_ARRAY" as const, "I18NSTRING" as const),
    value: array(texts, { minLength: 1, maxLength: 5 }),
  }),
  record({
    tag: unknownTag,
    type: constantFrom("BIN" as const),
    value: uint8Array({ minLength: 1, maxLength: 40 }),
  }),
  ...largest.map(([type, max]) =>
    record({
      tag: unknownTag,
      type: constantFrom(type),
      value: array(integer({ min: 0, max }), { minLength: 1, maxLength: 5 }),
    }),
  ),
);
const anyHeader = uniqueArray(anyEntry, { selector: ({ tag }) => tag, maxLength: 12 });

describe("header codec", () => {
  it("encodes a minimal header as rpm lays it out", () => {
    const bytes = encodeHeader("main", [
      { tag: 1003, type: "INT32", value: [7] },
      { tag: 1000, type: "STRING", value: "a" },
    ]);
    const expected = [
      "8eade801 00000000", // magic, reserved
      "00000003 00000018", // three entries, 24 bytes of data
      "0000003f 00000007 00000008 00000010", // region: tag 63, binary, trailer at 8
      "000003e8 00000006 00000000 00000001", // NAME, string at 0
      "000003eb 00000004 00000004 00000001", // EPOCH, 32 bits, aligned to 4
      "6100 0000 00000007", // "a", padding, 7
      "0000003f 00000007 ffffffd0 00000010", // trailer: minus three entries of 16 bytes
    ];
    assert.equal(bytes.toString("hex"), expected.join("").replaceAll(" ", ""));
  });

  it("decodes what it encodes", () => {
    check(
      property(anyHeader, (entries) => {
        const bytes = encodeHeader("main", entries);
        const decoded = [...splitEntries(bytes, place).entries.values()];
        assert.ok(joinEntries("main", decoded).equals(bytes), "the same bytes again");
        assert.ok(encodeHeader("main", entries.toReversed()).equals(bytes), "in any order");
        assert.deepEqual(
          decoded.map(({ tag, type }) => ({ tag, type })),
          entries.map(({ tag, type }) => ({ tag, type })).sort((a, b) => a.tag - b.tag),
        );
        for (const entry of entries) {
          const found = decoded.find(({ tag }) => tag === entry.tag);
          assert.equal(found?.count, entry.type === "STRING" ? 1 : entry.value.length);
        }
      }),
    );
  });

  it("returns each tag with its type", () => {
    const header = decodeHeader(
      encodeHeader("main", [
        { tag: 1000, type: "STRING", value: "näme" },
        { tag: 1004, type: "I18NSTRING", value: ["one", "two"] },
        { tag: 1028, type: "INT32", value: [0, 0xffff_ffff] },
        { tag: 1030, type: "INT16", value: [0o100644] },
        { tag: 5009, type: "INT64", value: [2 ** 53 - 1] },
      ]),
      place,
    );
    assert.equal(header.string("NAME"), "näme");
    assert.equal(header.string("SUMMARY"), "one");
    assert.deepEqual(header.strings("SUMMARY"), ["one", "two"]);
    assert.deepEqual(header.integers("FILESIZES"), [0, 0xffff_ffff]);
    assert.deepEqual(header.integers("FILEMODES"), [0o100644]);
    assert.deepEqual(header.integers("LONGSIZE"), [2 ** 53 - 1]);
    assert.equal(header.has("EPOCH"), false);
    assert.equal(header.string("URL"), undefined);
    assert.deepEqual(header.integers("EPOCH"), []);
    assert.throws(() => header.integers("NAME"), TypeError);
    assert.throws(() => header.string("FILESIZES"), TypeError);
    assert.throws(() => header.bytes("NAME"), TypeError);
  });

  it("refuses a 64-bit number that a double cannot hold", () => {
    const bytes = encodeHeader("main", [{ tag: 5009, type: "INT64", value: [1] }]);
    bytes.writeBigUInt64BE(2n ** 53n, bytes.length - 24);
    assert.throws(() => decodeHeader(bytes, place).integers("LONGSIZE"), isMalformed);
  });

  it("survives every flipped and every missing byte", () => {
    const bytes = encodeHeader("main", [
      { tag: 100, type: "STRING_ARRAY", value: ["C"] },
      { tag: 1000, type: "STRING", value: "name" },
      { tag: 1028, type: "INT32", value: [1, 2, 3] },
      { tag: 1117, type: "STRING_ARRAY", value: ["a", "", "c"] },
      { tag: 5008, type: "INT64", value: [5] },
      { tag: 30000, type: "BIN", value: Buffer.from("binary") },
    ]);
    const attempt = (broken: Buffer): void => {
      try {
        const header = decodeHeader(broken, place);
        if (header.entries.some(({ tag }) => tag === 5008)) header.integers("LONGFILESIZES");
      } catch (error) {
        isMalformed(error);
      }
    };
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const broken = Buffer.from(bytes);
        broken.writeUInt8((broken[at] ?? 0) ^ flip, at);
        attempt(broken);
      }
      assert.throws(() => decodeHeader(bytes.subarray(0, at), place), isMalformed);
    }
  });

  it("survives arbitrary index entries", () => {
    const bytes = encodeHeader("main", [
      { tag: 30000, type: "INT8", value: Array<number>(64).fill(65) },
    ]);
    const word = oneof(integer({ min: 0, max: 80 }), integer({ min: 0, max: 0xffff_ffff }));
    check(
      property(tuple(word, word, word, word), (words) => {
        words.forEach((value, i) => bytes.writeUInt32BE(value, 32 + i * 4));
        try {
          decodeHeader(bytes, place);
        } catch (error) {
          isMalformed(error);
        }
      }),
    );
  });

  const refused: readonly (readonly [string, (bytes: Buffer) => void, RegExp])[] = [
    ["another magic", (b) => b.writeUInt8(0, 0), /magic/],
    ["no entries", (b) => b.writeUInt32BE(0, 8), /0 entries/],
    ["more entries than rpm reads", (b) => b.writeUInt32BE(65536, 8), /65536 entries/],
    ["more data than rpm reads", (b) => b.writeUInt32BE(0x1000_0001, 12), /bytes of data/],
    ["no region", (b) => b.writeUInt32BE(64, 16), /region/],
    ["a region that ends early", (b) => b.writeUInt32BE(0, 24), /region/],
    ["a trailer of another region", (b) => b.writeUInt32BE(62, b.length - 16), /trailer/],
    ["a tag below 100", (b) => b.writeUInt32BE(63, 32), /tag 63 .*is not one/],
    ["a tag that comes twice", (b) => b.writeUInt32BE(1000, 48), /comes twice|expected STRING/],
    ["an unknown type", (b) => b.writeUInt32BE(10, 36), /type 10/],
    ["another type than the tag's", (b) => b.writeUInt32BE(7, 36), /type BIN, expected STRING/],
    ["a count of 0", (b) => b.writeUInt32BE(0, 44), /0 elements/],
    ["two values of a plain string", (b) => b.writeUInt32BE(2, 44), /2 elements/],
    ["an unaligned integer", (b) => b.writeUInt32BE(6, 56), /unaligned/],
    ["overlapping data", (b) => b.writeUInt32BE(0, 56), /overlaps/],
    ["data behind the end", (b) => b.writeUInt32BE(0x7fff_fffc, 56), /runs out/],
    ["a string without end", (b) => b.fill(65, 64), /trailer|runs out/],
  ];
  for (const [title, damage, message] of refused) {
    it(`refuses ${title}`, () => {
      const bytes = encodeHeader("main", [
        { tag: 1000, type: "STRING", value: "abc" },
        { tag: 1003, type: "INT32", value: [1] },
      ]);
      damage(bytes);
      assert.throws(
        () => decodeHeader(bytes, place),
        (error) => isMalformed(error) && message.test(String(error)),
      );
    });
  }

  it("refuses a tag that comes twice, though both are well-formed", () => {
    const bytes = encodeHeader("main", [
      { tag: 1000, type: "STRING", value: "abc" },
      { tag: 1001, type: "STRING", value: "def" },
    ]);
    bytes.writeUInt32BE(1000, 48);
    assert.throws(
      () => decodeHeader(bytes, place),
      (error) => isMalformed(error) && /tag 1000 appears twice/.test(String(error)),
    );
  });

  it("refuses what rpm refuses to read: gaps, negative tags, other types of tags that it knows", () => {
    const gap = encodeHeader("main", [
      { tag: 1000, type: "STRING", value: "a" },
      { tag: 30000, type: "BIN", value: Buffer.alloc(8) },
    ]);
    gap.writeUInt32BE(3, 56);
    gap.writeUInt32BE(7, 60);
    const negative = encodeHeader("main", [{ tag: 30000, type: "BIN", value: Buffer.alloc(8) }]);
    negative.writeUInt32BE(0xffff_0000, 32);
    const type = encodeHeader("main", [{ tag: 1062, type: "INT32", value: [1] }]);
    for (const [bytes, message] of [
      [gap, /bytes of data, expected/],
      [negative, /is not one/],
      [type, /has type INT32, expected STRING_ARRAY/],
    ] as const) {
      assert.throws(
        () => decodeHeader(bytes, place),
        (error) => isMalformed(error) && message.test(String(error)),
      );
    }
  });

  it("reads signature headers without region, with part of one, and with the trailer of old builders", () => {
    const signature = { kind: "signature", origin: "x", start: 96 } as const;
    const whole = encodeHeader("signature", [
      { tag: 1000, type: "INT32", value: [7] },
      { tag: 1004, type: "BIN", value: Buffer.alloc(16, 1) },
    ]);
    const old = Buffer.from(whole);
    old.writeUInt32BE(61, old.length - 16);
    const part = Buffer.from(whole);
    part.writeInt32BE(-32, part.length - 8);
    const none = Buffer.concat([whole.subarray(0, 16), whole.subarray(32, -16)]);
    none.writeUInt32BE(2, 8);
    none.writeUInt32BE(20, 12);
    for (const [bytes, covered] of [
      [whole, 3],
      [old, 3],
      [part, 2],
      [none, 0],
    ] as const) {
      const header = decodeHeader(bytes, signature);
      assert.equal(header.regionEntries, covered);
      assert.deepEqual(header.integers("SIZE"), [7]);
      assert.deepEqual(header.bytes("MD5"), Buffer.alloc(16, 1));
    }
    const main = Buffer.from(old);
    assert.throws(() => decodeHeader(main, place), isMalformed);
  });

  it("throws when asked to encode what a header cannot hold", () => {
    const bad: readonly HeaderEntry[][] = [
      [{ tag: 1000, type: "STRING", value: "a\0b" }],
      [{ tag: 1028, type: "INT32", value: [] }],
      [{ tag: 1028, type: "INT32", value: [1.5] }],
      [{ tag: 1028, type: "INT32", value: [2 ** 32] }],
      [
        { tag: 1000, type: "STRING", value: "a" },
        { tag: 1000, type: "STRING", value: "b" },
      ],
    ];
    for (const entries of bad) assert.throws(() => encodeHeader("main", entries));
  });
});

/** Tags from here on came after rpm 4.18. */
const FIRST_UNKNOWN_TO_418 = 5100;

/** Tags that rpm 4.18 still called otherwise. */
const otherNames: Readonly<Record<string, string>> = {
  PAYLOADSHA256: "PAYLOADDIGEST",
  PAYLOADSHA256ALGO: "PAYLOADDIGESTALGO",
  PAYLOADSHA256ALT: "PAYLOADDIGESTALT",
};

describe("tag tables", () => {
  it("give every tag the number and type that rpm gives it", async () => {
    const known = Object.entries(headerTags).filter(
      ([name, [number]]) => number > 63 && number < FIRST_UNKNOWN_TO_418 && name !== "ARCHIVESIZE",
    );
    const entries = known.map(([name, [tag, type]]): HeaderEntry => {
      // What rpm needs to tell a package from nonsense; it checks the types of all.
      if (type === "STRING") return { tag, type, value: `text of ${name}` };
      if (type === "BIN") return { tag, type, value: Buffer.from("x") };
      return isIntegerType(type) ? { tag, type, value: [1] } : { tag, type, value: ["x"] };
    });
    await using temporary = await openFolder();
    const folder = temporary.path;
    const file = path.join(folder, "every-tag.rpm");
    const signature = encodeHeader("signature", [
      { tag: 1000, type: "INT32", value: [1] },
      { tag: 1007, type: "INT32", value: [1] },
    ]);
    const padding = Buffer.alloc((8 - (signature.length % 8)) % 8);
    const lead = encodeLead("every-tag-1-1", "noarch");
    await writeFile(file, Buffer.concat([lead, signature, padding, encodeHeader("main", entries)]));
    const { stdout } = await testContext().run("rpm", [
      "-qp",
      "--nosignature",
      "--nodigest",
      "--xml",
      file,
    ]);
    const names = new Set(
      Array.from(stdout.matchAll(/<rpmTag name="([^"]+)">/g), ([, name = ""]) =>
        name.toUpperCase(),
      ),
    );
    const asRpmSays = (name: string): string => otherNames[name] ?? name;
    const missing = known.map(([name]) => asRpmSays(name)).filter((name) => !names.has(name));
    assert.deepEqual(missing, []);
  });

  it("are sorted by number and hold each number once", () => {
    for (const table of [headerTags, signatureTags]) {
      const numbers = Object.values(table).map(([number]) => number);
      assert.deepEqual(
        numbers,
        [...new Set(numbers)].sort((a, b) => a - b),
      );
    }
  });
});
