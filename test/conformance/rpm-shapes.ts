/** Packages in every shape that builders of the last 25 years gave them, and in some that nobody should. */
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { createdAt, type SignatureCrafter, subpacketBytes } from "../fixtures/crafted-signature.ts";
import {
  binEntry,
  dataTypes,
  digestEntries,
  digestTags,
  type HeaderShape,
  int32Entry,
  int64Entry,
  joinRpm,
  payloadDigestTags,
  type RawEntry,
  type RpmParts,
  splitRpm,
  stringEntry,
  stringsEntry,
  withoutPayloadDigests,
  withTags,
} from "../fixtures/rpm-parts.ts";

/** What packages are made from. */
export interface ShapeInputs {
  /** A binary package of rpmbuild with a gzip payload, unsigned. */
  readonly base: Buffer;
  readonly crafter: SignatureCrafter;
  /** Signs with a key of gpg, whose kind is the name. */
  readonly gpg: (kind: "dsa" | "ed25519" | "stranger", data: Uint8Array) => Promise<Buffer>;
}

/** Packages by what is special about them. */
export type Shapes = ReadonlyMap<string, Buffer>;

const [PAYLOAD_DIGEST, , PAYLOAD_DIGEST_ALT] = payloadDigestTags;

/** Digests of the signature header again, after the main header or the payload has changed. */
function refreshed(parts: RpmParts, shape: Partial<HeaderShape> = {}): RpmParts {
  const { sha1, sha256, md5 } = digestEntries(parts, shape);
  const present = new Set(parts.signature.map(({ tag }) => tag));
  const set = [sha1, sha256, md5].filter(({ tag }) => present.has(tag));
  return { ...parts, signature: withTags(parts.signature, { set }) };
}

function patched(lead: Buffer, changes: readonly (readonly [number, number])[]): Buffer {
  const copy = Buffer.from(lead);
  for (const [at, value] of changes) copy.writeUInt8(value, at);
  return copy;
}

function leads(parts: RpmParts, add: (name: string, bytes: Buffer) => void): void {
  for (const [name, changes] of [
    [
      "lead of rpm 6",
      [
        [8, 0],
        [9, 0],
        [76, 0],
        [77, 0],
      ],
    ],
    [
      "lead of format 6",
      [
        [4, 4],
        [8, 0],
        [9, 0],
        [76, 0],
        [77, 0],
      ],
    ],
    ["lead of format 2", [[4, 2]]],
    ["lead of format 5", [[4, 5]]],
    ["lead of another minor format", [[5, 9]]],
    ["lead of a source package", [[7, 1]]],
    ["lead of another architecture", [[9, 99]]],
    ["lead of another system", [[77, 99]]],
    ["lead of another name", [[10, 88]]],
    ["lead with used reserved bytes", [[90, 1]]],
    ["lead without signature type", [[79, 0]]],
    ["lead with another magic", [[0, 0]]],
  ] as const) {
    add(name, joinRpm({ ...parts, lead: patched(parts.lead, changes) }));
  }
}

function digests(parts: RpmParts, add: (name: string, bytes: Buffer) => void): void {
  const bare = withoutPayloadDigests(parts);
  for (const [name, source, tags] of [
    ["MD5 alone, of rpm before 4.14", bare, ["md5"]],
    ["SHA-1 and MD5, of rpm before 4.14", bare, ["sha1", "md5"]],
    ["SHA-1 alone, nothing for the payload", bare, ["sha1"]],
    ["SHA-256 alone, nothing for the payload", bare, ["sha256"]],
    ["no digest at all", bare, []],
    ["payload digest alone, nothing for the header", parts, []],
    ["payload digest and MD5", parts, ["md5"]],
    ["payload digest and SHA-1", parts, ["sha1"]],
    ["payload digest and SHA-256", parts, ["sha256"]],
    ["payload digest and SHA3-256, nothing that 4.18 knows", parts, ["sha3"]],
    ["all digests of rpm 6", parts, ["sha3", "sha256"]],
  ] as const) {
    const all = digestEntries(source);
    const set = tags.map((tag) => all[tag]);
    add(
      name,
      joinRpm({ ...source, signature: withTags(source.signature, { without: digestTags, set }) }),
    );
  }
  const wrong = stringEntry(279, "0".repeat(64));
  add(
    "wrong SHA3-256 of the header",
    joinRpm({ ...parts, signature: withTags(parts.signature, { set: [wrong] }) }),
  );
  const upper = parts.signature.map((entry) =>
    entry.tag === 273
      ? { ...entry, bytes: Buffer.from(entry.bytes.toString().toUpperCase()) }
      : entry,
  );
  add("header digest in upper case", joinRpm({ ...parts, signature: upper }));
}

function payloads(parts: RpmParts, add: (name: string, bytes: Buffer) => void): void {
  const hex = (bytes: Buffer, name = "sha256"): string =>
    createHash(name).update(bytes).digest("hex");
  const good = hex(parts.payload);
  const none = "0".repeat(64);
  const main = (name: string, set: readonly RawEntry[], without: readonly number[] = []): void => {
    add(name, joinRpm(refreshed({ ...parts, main: withTags(parts.main, { set, without }) })));
  };
  main("payload digest wrong, the other one too", [stringsEntry(PAYLOAD_DIGEST, [none])]);
  main("payload digest in upper case", [stringsEntry(PAYLOAD_DIGEST, [good.toUpperCase()])]);
  main("payload digest as a plain string", [stringEntry(PAYLOAD_DIGEST, good)]);
  main("two payload digests, one right", [stringsEntry(PAYLOAD_DIGEST, [none, good])]);
  main("two payload digests, both wrong", [stringsEntry(PAYLOAD_DIGEST, [none, none])]);
  main("payload digest that is no digest", [stringsEntry(PAYLOAD_DIGEST, ["x"])]);
  main("payload digest of another algorithm by name", [int32Entry(5093, 10)]);
  main("digest of the uncompressed payload wrong", [stringsEntry(PAYLOAD_DIGEST_ALT, [none])]);
  main("digest of the uncompressed payload alone", [], [PAYLOAD_DIGEST]);
  main("no digest of the payload, but MD5", [], [PAYLOAD_DIGEST, PAYLOAD_DIGEST_ALT]);
  main("right SHA-512 of the payload", [stringEntry(5121, hex(parts.payload, "sha512"))]);
  main("wrong SHA-512 of the payload", [stringEntry(5121, "0".repeat(128))]);
  const repacked = gunzipSync(parts.payload);
  add(
    "payload that was decompressed afterwards",
    joinRpm(refreshed({ ...parts, payload: repacked })),
  );
  add("payload that was cut", joinRpm({ ...parts, payload: parts.payload.subarray(0, -9) }));
  add(
    "payload with bytes behind",
    joinRpm({ ...parts, payload: Buffer.concat([parts.payload, Buffer.alloc(9)]) }),
  );
  add("no payload", joinRpm({ ...parts, payload: Buffer.alloc(0) }));
}

function headers(parts: RpmParts, add: (name: string, bytes: Buffer) => void): void {
  const { signature } = parts;
  const of = (tag: number): RawEntry[] => signature.filter((entry) => entry.tag === tag);
  const form = (
    name: string,
    entries: readonly RawEntry[],
    shape: Partial<HeaderShape> = {},
  ): void => {
    add(name, joinRpm({ ...parts, signature: entries }, { signature: shape }));
  };
  const set = (name: string, ...entries: RawEntry[]): void =>
    form(name, withTags(signature, { set: entries }));
  set("payload size of rpmpack", int32Entry(1007, 12));
  set("size wrong", int32Entry(1000, 12));
  set("sizes in 64 bits", int64Entry(270, 2n ** 40n), int64Entry(271, 2n ** 63n));
  set("size as a string", stringEntry(1000, "12"));
  set("two sizes", { ...int32Entry(1000, 1), count: 2, bytes: Buffer.alloc(8) });
  set("file signatures of IMA", stringsEntry(274, ["03020457", "03020458"]), int32Entry(275, 4));
  set("file signatures of fs-verity", stringsEntry(276, ["AAEC"]), int32Entry(277, 1));
  set("algorithm of fs-verity as a string", stringsEntry(276, ["AAEC"]), stringEntry(277, "1"));
  set("algorithm of fs-verity as bytes", binEntry(277, Buffer.of(1)));
  set("algorithms of fs-verity as strings", stringsEntry(277, ["1", "2"]));
  set("signatures of fs-verity as a string", stringEntry(276, "AAEC"), int32Entry(277, 1));
  set("signature of rpm 6 that is junk", stringsEntry(278, ["", "\u00ff"]));
  set("signature of rpm 6 as bytes", binEntry(278, Buffer.of(1, 2, 3)));
  set("signature of rpm 6 as a number", int32Entry(278, 1));
  set("a tag that is unknown", stringEntry(290, "what"), int32Entry(1100, 1));
  set("reserved space that is used", binEntry(1008, Buffer.alloc(64, 1)));
  set("reserved space that is a string", stringEntry(1008, "space"));
  set("reserved space of rpm 6", binEntry(999, Buffer.alloc(64)));
  set("MD5 of 15 bytes", binEntry(1004, Buffer.alloc(15)));
  set("SHA-256 that is too short", stringEntry(273, "0".repeat(40)));
  set("SHA-1 as binary data", binEntry(269, Buffer.alloc(20)));
  form("no reserved space", withTags(signature, { without: [1008] }));
  form("tags in the order of rpm before 4.14", [
    ...signature.filter(({ tag }) => tag >= 1000 && tag < 1008),
    ...of(269),
    ...of(273),
  ]);
  form("tags backwards", signature.toReversed());
  form("no region in the signature header", signature, { covered: 0 });
  form("region with the trailer of old builders", signature, { trailer: 61 });
  form("region with another trailer", signature, { trailer: 63 });
  form("tags behind the region", signature, { covered: 3 });
  form("a tag that comes twice", [...of(269), ...signature]);
  form("33 tags", [
    ...signature,
    ...Array.from({ length: 32 - signature.length }, (_, i) => int32Entry(1200 + i, 1)),
  ]);
  add(
    "padding that is not zero",
    joinRpm(
      { ...parts, signature: withTags(signature, { set: [stringEntry(290, "x")] }) },
      { padding: 7 },
    ),
  );
  const main = (name: string, entries: readonly RawEntry[]): void => {
    add(name, joinRpm(refreshed({ ...parts, main: withTags(parts.main, { set: entries }) })));
  };
  main("archive size in both headers", [int32Entry(1046, 5)]);
  main("header digest in the main header", [stringEntry(269, "0".repeat(40))]);
  main("file signatures in the main header", [stringsEntry(5090, ["03"]), int32Entry(5091, 1)]);
  main("a tag of rpm's with another type", [int32Entry(1062, 5)]);
  main("a tag that nobody knows", [int32Entry(1_000_000, 5)]);
  main("a license of several strings", [stringsEntry(1014, ["MIT", "BSD"])]);
  const shape = { covered: 0 };
  add("main header without region, of rpm 3", joinRpm(refreshed(parts, shape), { main: shape }));
}

async function signatures(
  inputs: ShapeInputs,
  add: (name: string, bytes: Buffer) => void,
): Promise<void> {
  const parts = splitRpm(inputs.base);
  const { crafter, gpg } = inputs;
  const { header } = digestEntries(parts);
  const both = Buffer.concat([header, parts.payload]);
  const bare = withoutPayloadDigests(parts);
  const old = {
    ...bare,
    signature: withTags(bare.signature, {
      without: [269, 273, 1008],
      set: [digestEntries(bare).md5],
    }),
  };
  const oldHeader = digestEntries(bare).header;
  const put = (name: string, entries: readonly RawEntry[], source: RpmParts = parts): void => {
    add(name, joinRpm({ ...source, signature: withTags(source.signature, { set: entries }) }));
  };
  const good = crafter.version4(header);
  const base64 = (packet: Buffer): string => packet.toString("base64");
  put("RSA signature", [binEntry(268, good)]);
  put("RSA signature in the tag for others", [binEntry(267, good)]);
  put("RSA signature of the whole package", [binEntry(1002, crafter.version4(both))]);
  put("RSA signatures of header and of the whole", [
    binEntry(268, good),
    binEntry(1002, crafter.version4(both)),
  ]);
  put("version 3 signatures", [
    binEntry(268, crafter.version3(header)),
    binEntry(1002, crafter.version3(both)),
  ]);
  put("version 3 signature that is wrong", [binEntry(268, crafter.version3(both))]);
  put("version 3 signature over text", [binEntry(268, crafter.version3(header, "sha256", 1))]);
  put("signature over SHA-1", [binEntry(268, crafter.version3(header, "sha1"))]);
  put("signature over MD5", [binEntry(268, crafter.version4(header, { hash: "md5" }))]);
  put("DSA signatures", [
    binEntry(267, await gpg("dsa", header)),
    binEntry(1005, await gpg("dsa", both)),
  ]);
  put("Ed25519 signature", [binEntry(267, await gpg("ed25519", header))]);
  put("Ed25519 signature in the tag for RSA", [binEntry(268, await gpg("ed25519", header))]);
  put("signature of an unknown key", [binEntry(268, await gpg("stranger", header))]);
  put("good signature beside one of an unknown key", [
    binEntry(268, good),
    binEntry(267, await gpg("stranger", header)),
  ]);
  put("signature of another header", [binEntry(268, crafter.version4(both))]);
  put(
    "MD5 alone, signed as a whole",
    [binEntry(1002, crafter.version3(Buffer.concat([oldHeader, bare.payload])))],
    old,
  );
  put("MD5 alone, signed in the header", [binEntry(268, crafter.version4(oldHeader))], old);
  put("signature over text", [binEntry(268, crafter.version4(header, { type: 1 }))]);
  put("signature of an unknown hash", [
    binEntry(268, crafter.version4(header, { hashNumber: 99 })),
  ]);
  put("signature of an unknown algorithm", [
    binEntry(268, crafter.version4(header, { algorithm: 30 })),
  ]);
  put("signature of the algorithm RSA for signing", [
    binEntry(268, crafter.version4(header, { algorithm: 3 })),
  ]);
  put("signature of version 6", [binEntry(268, crafter.version4(header, { version: 6 }))]);
  put("signature with a critical expiry", [
    binEntry(
      268,
      crafter.version4(header, {
        hashed: Buffer.concat([createdAt, subpacketBytes(0x83, Buffer.from("7fffffff", "hex"))]),
      }),
    ),
  ]);
  put("signature with a critical time", [
    binEntry(
      268,
      crafter.version4(header, { hashed: subpacketBytes(0x82, createdAt.subarray(2)) }),
    ),
  ]);
  put("signature without a time", [
    binEntry(268, crafter.version4(header, { hashed: Buffer.alloc(0) })),
  ]);
  put("signature with two times", [
    binEntry(268, crafter.version4(header, { hashed: Buffer.concat([createdAt, createdAt]) })),
  ]);
  put("signature without an issuer", [
    binEntry(268, crafter.version4(header, { unhashed: Buffer.alloc(0) })),
  ]);
  const more = Buffer.concat([
    subpacketBytes(16, good.subarray(-8)),
    subpacketBytes(20, Buffer.from("note")),
  ]);
  put("signature that names another issuer", [
    binEntry(268, crafter.version4(header, { unhashed: more })),
  ]);
  put("signature with a number in a longer form", [
    binEntry(268, crafter.version4(header, { extraBits: 7 })),
  ]);
  put("signature with two numbers", [
    binEntry(268, crafter.version4(header, { more: Buffer.from([0, 1, 1]) })),
  ]);
  put("signature with a new packet header", [
    binEntry(268, crafter.version4(header, { newHeader: true })),
  ]);
  put("signature with bytes behind", [binEntry(268, Buffer.concat([good, Buffer.alloc(3)]))]);
  put("two signatures in one tag", [binEntry(268, Buffer.concat([good, good]))]);
  put("signature that is cut", [binEntry(268, good.subarray(0, -5))]);
  put("signature as a string", [stringEntry(268, "signature")]);
  put("signatures of rpm 6", [binEntry(268, good), stringsEntry(278, [base64(good)])]);
  put("signatures of rpm 6 alone", [stringsEntry(278, [base64(good)])]);
  put("unknown signatures of rpm 6", [
    binEntry(268, good),
    stringsEntry(278, [
      base64(crafter.version4(header, { version: 6 })),
      base64(crafter.version4(header, { algorithm: 30 })),
    ]),
  ]);
  put("signature of rpm 6 that is no base64", [binEntry(268, good), stringsEntry(278, ["?!"])]);
  put("signature of rpm 6 that is wrong", [
    binEntry(268, good),
    stringsEntry(278, [base64(crafter.version4(both))]),
  ]);
  const type = { ...stringEntry(278, base64(good)), type: dataTypes.string };
  put("signature of rpm 6 as one string", [binEntry(268, good), type]);
}

/** Makes a package of each shape. */
export async function makeShapes(inputs: ShapeInputs): Promise<Shapes> {
  const shapes = new Map<string, Buffer>([["as rpmbuild wrote it", inputs.base]]);
  const add = (name: string, bytes: Buffer): void => {
    if (shapes.has(name)) throw new TypeError(`two shapes are called ${name}`);
    shapes.set(name, bytes);
  };
  const parts = splitRpm(inputs.base);
  leads(parts, add);
  digests(parts, add);
  payloads(parts, add);
  headers(parts, add);
  await signatures(inputs, add);
  return shapes;
}
