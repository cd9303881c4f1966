import {
  type EncodedEntry,
  HEADER_INTRO_BYTES,
  HEADER_MAGIC,
  type HeaderEntry,
  INDEX_ENTRY_BYTES,
  type IntegerType,
  integerWidths,
  isIntegerType,
  regionTags,
} from "./header.ts";
import { type HeaderKind, type TagType, tagTypes } from "./tags.ts";

const typeNumber = (type: TagType): number => tagTypes.indexOf(type) + 1;

function encodeStrings(values: readonly string[]): Buffer {
  if (values.some((value) => value.includes("\0"))) throw new TypeError("NUL inside a string");
  return Buffer.from(values.map((value) => `${value}\0`).join(""), "utf8");
}

function encodeIntegers(type: IntegerType, values: readonly number[]): Buffer {
  const width = integerWidths[type];
  const bytes = Buffer.alloc(width * values.length);
  values.forEach((value, i) => {
    if (!Number.isSafeInteger(value)) throw new TypeError(`${value} is not an integer`);
    if (type === "INT64") bytes.writeBigUInt64BE(BigInt(value), i * width);
    else bytes.writeUIntBE(value, i * width, width);
  });
  return bytes;
}

function isInteger(entry: HeaderEntry): entry is Extract<HeaderEntry, { type: IntegerType }> {
  return isIntegerType(entry.type);
}

function encodeData(entry: HeaderEntry): Buffer {
  if (isInteger(entry)) return encodeIntegers(entry.type, entry.value);
  if (entry.type === "BIN") return Buffer.from(entry.value);
  return encodeStrings(entry.type === "STRING" ? [entry.value] : entry.value);
}

function encodeIndexEntry(tag: number, type: TagType, offset: number, count: number): Buffer {
  const bytes = Buffer.alloc(INDEX_ENTRY_BYTES);
  bytes.writeUInt32BE(tag, 0);
  bytes.writeUInt32BE(typeNumber(type), 4);
  bytes.writeInt32BE(offset, 8);
  bytes.writeUInt32BE(count, 12);
  return bytes;
}

/** Encodes the data of one tag. */
export function encodeEntry(entry: HeaderEntry): EncodedEntry {
  const count = entry.type === "STRING" ? 1 : entry.value.length;
  return { tag: entry.tag, type: entry.type, count, bytes: encodeData(entry) };
}

/**
 * Joins encoded entries to a header: sorted by tag, in one region that covers all of them.
 *
 * @param entries  in any order, each tag once, none empty
 * @returns magic, counts, index and data: the bytes that header digests and signatures cover
 */
export function joinEntries(kind: HeaderKind, entries: readonly EncodedEntry[]): Buffer {
  const index: Buffer[] = [];
  const data: Buffer[] = [];
  let dataBytes = 0;
  let previousTag: number = regionTags[kind];
  for (const { tag, type, count, bytes } of entries.toSorted((a, b) => a.tag - b.tag)) {
    if (tag <= previousTag) throw new TypeError(`tag ${tag} is not unique`);
    previousTag = tag;
    if (count === 0) throw new TypeError(`tag ${tag} is empty`);
    const align = isIntegerType(type) ? integerWidths[type] : 1;
    const padding = (align - (dataBytes % align)) % align;
    data.push(Buffer.alloc(padding), bytes);
    index.push(encodeIndexEntry(tag, type, dataBytes + padding, count));
    dataBytes += padding + bytes.length;
  }
  const indexBytes = (index.length + 1) * INDEX_ENTRY_BYTES;
  const region = encodeIndexEntry(regionTags[kind], "BIN", dataBytes, INDEX_ENTRY_BYTES);
  const trailer = encodeIndexEntry(regionTags[kind], "BIN", -indexBytes, INDEX_ENTRY_BYTES);
  const counts = Buffer.alloc(HEADER_INTRO_BYTES - HEADER_MAGIC.length);
  counts.writeUInt32BE(index.length + 1, 0);
  counts.writeUInt32BE(dataBytes + trailer.length, 4);
  return Buffer.concat([HEADER_MAGIC, counts, region, ...index, ...data, trailer]);
}

/** Encodes a header; see {@link joinEntries}. */
export function encodeHeader(kind: HeaderKind, entries: readonly HeaderEntry[]): Buffer {
  return joinEntries(kind, entries.map(encodeEntry));
}
