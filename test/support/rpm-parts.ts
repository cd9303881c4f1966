/** Takes RPM packages apart and puts them together in any shape, well-formed or not, without the code that is tested. */
import { createHash } from "node:crypto";

/** One tag of a header with its data as it is stored. */
export interface RawEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly bytes: Buffer;
}

/** A package in four parts. */
export interface RpmParts {
  readonly lead: Buffer;
  readonly signature: readonly RawEntry[];
  readonly main: readonly RawEntry[];
  readonly payload: Buffer;
}

/** Tags of the main header that hold digests of the payload: compressed, its algorithm, uncompressed. */
export const payloadDigestTags = [5092, 5093, 5097] as const;

/** Tags of the signature header that hold digests: SHA-1, SHA-256, MD5. */
export const digestTags = [269, 273, 1004] as const;

/** Numbers of the types of a header's data. */
export const dataTypes = { int32: 4, int64: 5, string: 6, bin: 7, strings: 8 } as const;

const widths: Readonly<Record<number, number>> = { 3: 2, 4: 4, 5: 8 };

/** Where a header ends, from its start. */
function headerBytes(bytes: Buffer, start: number): number {
  return 16 + bytes.readUInt32BE(start + 8) * 16 + bytes.readUInt32BE(start + 12);
}

function splitHeader(bytes: Buffer, start: number): RawEntry[] {
  const entries = bytes.readUInt32BE(start + 8);
  const data = start + 16 + entries * 16;
  const end = start + headerBytes(bytes, start) - 16;
  const index = Array.from({ length: entries }, (_, i) => {
    const at = start + 16 + i * 16;
    const [tag, type] = [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
    return { tag, type, offset: bytes.readInt32BE(at + 8), count: bytes.readUInt32BE(at + 12) };
  });
  return index.slice(1).map(({ tag, type, offset, count }) => {
    const from = data + offset;
    let to = from + count * (widths[type] ?? 1);
    if (type === 6 || type >= 8) {
      to = from;
      for (let i = 0; i < count; i++) to = bytes.indexOf(0, to) + 1;
    }
    if (to > end) throw new TypeError("not a package of rpmbuild");
    return { tag, type, count, bytes: Buffer.from(bytes.subarray(from, to)) };
  });
}

/** Returns a package whose main header says nothing about the payload, as rpm before 4.14 made them. */
export function withoutPayloadDigests(parts: RpmParts): RpmParts {
  return { ...parts, main: withTags(parts.main, { without: payloadDigestTags }) };
}

/** Takes a package of rpmbuild apart. */
export function splitRpm(bytes: Buffer): RpmParts {
  const main = 96 + Math.ceil(headerBytes(bytes, 96) / 8) * 8;
  return {
    lead: Buffer.from(bytes.subarray(0, 96)),
    signature: splitHeader(bytes, 96),
    main: splitHeader(bytes, main),
    payload: Buffer.from(bytes.subarray(main + headerBytes(bytes, main))),
  };
}

/** Replaces the digests that a package has by right ones for this main header and payload, well-formed or not. */
export function withDigestsOf(bytes: Buffer, header: Buffer, payload: Buffer): Buffer {
  const signature = splitHeader(bytes, 96);
  const digests = digestsOver(header, payload);
  const present = new Set(signature.map(({ tag }) => tag));
  const set = [digests.sha1, digests.sha256, digests.md5].filter(({ tag }) => present.has(tag));
  const joined = joinHeader(withTags(signature, { set }), { region: 62 });
  const padding = Buffer.alloc((8 - (joined.length % 8)) % 8);
  return Buffer.concat([bytes.subarray(0, 96), joined, padding, header, payload]);
}

/** How a header is put together. */
export interface HeaderShape {
  readonly region: 62 | 63;
  /** Tag in the region's trailer; that of the region by default. */
  readonly trailer?: number;
  /** Entries that the region covers; all by default, and none at 0, which leaves the region out. */
  readonly covered?: number;
}

function indexEntry(tag: number, type: number, offset: number, count: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(tag, 0);
  bytes.writeUInt32BE(type, 4);
  bytes.writeInt32BE(offset, 8);
  bytes.writeUInt32BE(count, 12);
  return bytes;
}

/** Puts a header together, its entries in the given order. */
export function joinHeader(entries: readonly RawEntry[], shape: HeaderShape): Buffer {
  const { region, trailer = region, covered = entries.length } = shape;
  const index: Buffer[] = [];
  let data = Buffer.alloc(0);
  const close = (): void => {
    index.unshift(indexEntry(region, 7, data.length, 16));
    data = Buffer.concat([data, indexEntry(trailer, 7, -(index.length * 16), 16)]);
  };
  entries.forEach(({ tag, type, count, bytes }, i) => {
    if (i === covered && covered > 0) close();
    const width = widths[type] ?? 1;
    const start = Math.ceil(data.length / width) * width;
    data = Buffer.concat([data, Buffer.alloc(start - data.length), bytes]);
    index.push(indexEntry(tag, type, start, count));
  });
  if (covered >= entries.length) close();
  const counts = Buffer.alloc(8);
  counts.writeUInt32BE(index.length, 0);
  counts.writeUInt32BE(data.length, 4);
  return Buffer.concat([Buffer.from("8eade80100000000", "hex"), counts, ...index, data]);
}

/** Puts a package together. */
export function joinRpm(
  parts: RpmParts,
  shapes: {
    readonly signature?: Partial<HeaderShape>;
    readonly main?: Partial<HeaderShape>;
    readonly padding?: number;
  } = {},
): Buffer {
  const signature = joinHeader(parts.signature, { region: 62, ...shapes.signature });
  const main = joinHeader(parts.main, { region: 63, ...shapes.main });
  const padding = Buffer.alloc((8 - (signature.length % 8)) % 8, shapes.padding ?? 0);
  return Buffer.concat([parts.lead, signature, padding, main, parts.payload]);
}

/** An entry that holds one string. */
export function stringEntry(tag: number, text: string): RawEntry {
  return { tag, type: dataTypes.string, count: 1, bytes: Buffer.from(`${text}\0`) };
}

/** An entry that holds several strings. */
export function stringsEntry(tag: number, texts: readonly string[]): RawEntry {
  const bytes = Buffer.from(texts.map((text) => `${text}\0`).join(""));
  return { tag, type: dataTypes.strings, count: texts.length, bytes };
}

/** An entry that holds bytes. */
export function binEntry(tag: number, bytes: Uint8Array): RawEntry {
  return { tag, type: dataTypes.bin, count: bytes.length, bytes: Buffer.from(bytes) };
}

/** An entry that holds one 32-bit number. */
export function int32Entry(tag: number, value: number): RawEntry {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return { tag, type: dataTypes.int32, count: 1, bytes };
}

/** An entry that holds one 64-bit number. */
export function int64Entry(tag: number, value: bigint): RawEntry {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return { tag, type: dataTypes.int64, count: 1, bytes };
}

/** Replaces, adds or removes tags; the rest stays in its order, and new ones are put where their number belongs. */
export function withTags(
  entries: readonly RawEntry[],
  change: { readonly set?: readonly RawEntry[]; readonly without?: readonly number[] },
): RawEntry[] {
  const set = change.set ?? [];
  const gone = new Set([...(change.without ?? []), ...set.map(({ tag }) => tag)]);
  const kept = entries.filter(({ tag }) => !gone.has(tag));
  return [...kept, ...set].sort((a, b) => a.tag - b.tag);
}

/** Entries of the signature header that hold digests. */
export interface DigestEntries {
  readonly sha1: RawEntry;
  readonly sha256: RawEntry;
  readonly sha3: RawEntry;
  readonly md5: RawEntry;
}

function digestsOver(header: Buffer, payload: Buffer): DigestEntries {
  const hex = (name: string): string => createHash(name).update(header).digest("hex");
  return {
    sha1: stringEntry(269, hex("sha1")),
    sha256: stringEntry(273, hex("sha256")),
    sha3: stringEntry(279, hex("sha3-256")),
    md5: binEntry(1004, createHash("md5").update(header).update(payload).digest()),
  };
}

/** Returns the digests of what the package holds now, and the main header that they cover. */
export function digestEntries(
  { main, payload }: Pick<RpmParts, "main" | "payload">,
  shape: Partial<HeaderShape> = {},
): DigestEntries & { readonly header: Buffer } {
  const header = joinHeader(main, { region: 63, ...shape });
  return { ...digestsOver(header, payload), header };
}
