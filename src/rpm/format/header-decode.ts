import { countOf } from "../../lib/count-of.ts";
import {
  type EncodedEntry,
  HEADER_INTRO_BYTES,
  HEADER_MAGIC,
  INDEX_ENTRY_BYTES,
  integerWidths,
  isIntegerType,
} from "./header.ts";
import { findRegion, type HeaderRegion } from "./header-region.ts";
import { malformed } from "./malformed.ts";
import { otherTagTypes } from "./other-tags.ts";
import { type HeaderKind, knownTagType, type TagType, tagTypes } from "./tags.ts";

/** Maximum index entries and bytes of data: rpm's own limits (`lib/header.c`). */
const limits: Readonly<Record<HeaderKind, { entries: number; dataBytes: number }>> = {
  signature: { entries: 32, dataBytes: 64 * 1024 * 1024 },
  main: { entries: 65535, dataBytes: 256 * 1024 * 1024 },
};
/** Maximum number of elements of one tag. */
const MAX_COUNT = 1024 * 1024 - 1;
/** Smallest tag that is not a region. */
const FIRST_TAG = 100;
/** rpm reads larger ones as negative. */
const MAX_TAG = 0x7fff_ffff;

/** Place of a header: determines its limits, and is used in messages. */
export interface HeaderPlace {
  readonly kind: HeaderKind;
  /** Path of the package, or another name for messages. */
  readonly origin: string;
  /** Offset of the header in the file, in bytes. */
  readonly start: number;
}

/** Sizes in the first 16 bytes of a header. */
export interface HeaderIntro {
  readonly entries: number;
  readonly dataBytes: number;
  /** Size of the whole header, including these 16 bytes. */
  readonly totalBytes: number;
}

/**
 * Decodes magic and sizes of a header, which state how much to read.
 *
 * @throws ApplianceError `RPM_MALFORMED` if it is not a header, or larger than rpm accepts
 */
export function decodeHeaderIntro(intro: Buffer, place: HeaderPlace): HeaderIntro {
  const { kind, origin, start } = place;
  if (intro.length < HEADER_INTRO_BYTES) {
    throw malformed(origin, start + intro.length, `ends inside the ${kind} header`);
  }
  if (!intro.subarray(0, HEADER_MAGIC.length).equals(HEADER_MAGIC)) {
    const found = intro.toString("hex", 0, HEADER_MAGIC.length);
    throw malformed(
      origin,
      start,
      `${kind} header has magic ${found}, expected ${HEADER_MAGIC.toString("hex")}`,
    );
  }
  const entries = intro.readUInt32BE(8);
  const dataBytes = intro.readUInt32BE(12);
  const limit = limits[kind];
  if (entries < 1 || entries > limit.entries) {
    const fact = `${kind} header has ${countOf(entries, "entry")}, expected 1 to ${limit.entries}`;
    throw malformed(origin, start + 8, fact);
  }
  if (dataBytes < INDEX_ENTRY_BYTES || dataBytes > limit.dataBytes) {
    const fact = `${kind} header has ${dataBytes} bytes of data, expected ${INDEX_ENTRY_BYTES} to ${limit.dataBytes}`;
    throw malformed(origin, start + 12, fact);
  }
  const totalBytes = HEADER_INTRO_BYTES + entries * INDEX_ENTRY_BYTES + dataBytes;
  return { entries, dataBytes, totalBytes };
}

/** Walks over `count` NUL-terminated strings; returns the offset after the last one, or -1 if they do not fit. */
function endOfStrings(bytes: Buffer, start: number, count: number): number {
  let end = start;
  for (let i = 0; i < count; i++) {
    const nul = bytes.indexOf(0, end);
    if (nul === -1) return -1;
    end = nul + 1;
  }
  return end;
}

function endOfData(bytes: Buffer, type: TagType, start: number, count: number): number {
  if (isIntegerType(type)) return start + count * integerWidths[type];
  return type === "BIN" ? start + count : endOfStrings(bytes, start, count);
}

/** Tags of the signature header that contain only zeros; rpm never reads them. */
const unread: ReadonlySet<number> = new Set([999, 1008]);

function expectedType(kind: HeaderKind, tag: number): TagType | undefined {
  if (kind === "signature") return unread.has(tag) ? undefined : knownTagType(kind, tag);
  return knownTagType(kind, tag) ?? otherTagTypes.get(tag);
}

function isTypeAccepted(expected: TagType | undefined, type: TagType): boolean {
  const isText = (t: TagType): boolean => !isIntegerType(t) && t !== "BIN";
  return expected === undefined || expected === type || (isText(expected) && isText(type));
}

/** Limits for checking one index entry. Positions are relative to the start of the header. */
interface EntryBounds {
  readonly place: HeaderPlace;
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly trailerAt: number | undefined;
}

/**
 * @param at  position of the index entry
 * @param previousEnd  end of the previous entry's data
 */
function decodeEntry(
  blob: Buffer,
  { at, previousEnd }: { readonly at: number; readonly previousEnd: number },
  { place, dataStart, dataEnd, trailerAt }: EntryBounds,
): EncodedEntry {
  const tag = blob.readUInt32BE(at);
  const typeNumber = blob.readUInt32BE(at + 4);
  const offset = blob.readUInt32BE(at + 8);
  const count = blob.readUInt32BE(at + 12);
  const refuse = (fact: string): Error =>
    malformed(place.origin, place.start + at, `tag ${tag} of the ${place.kind} header ${fact}`);
  if (tag < FIRST_TAG || tag > MAX_TAG) throw refuse("is not one");
  const type = tagTypes[typeNumber - 1];
  if (type === undefined) throw refuse(`has type ${typeNumber}, expected 1 to ${tagTypes.length}`);
  const expected = expectedType(place.kind, tag);
  if (!isTypeAccepted(expected, type)) throw refuse(`has type ${type}, expected ${expected}`);
  // Binary data, such as rpm's reserved space and IMA signatures, may be larger; the size of the header limits it.
  if (count < 1 || (type !== "BIN" && count > MAX_COUNT) || (type === "STRING" && count !== 1)) {
    throw refuse(`has ${countOf(count, "element")} of type ${type}`);
  }
  const start = dataStart + offset;
  if (isIntegerType(type) && offset % integerWidths[type] !== 0) {
    throw refuse(`has unaligned data of type ${type} at offset ${offset}`);
  }
  if (start < previousEnd)
    throw refuse(`has data at offset ${offset} that overlaps the previous tag's data`);
  const end = start > dataEnd ? -1 : endOfData(blob, type, start, count);
  if (end === -1 || end > dataEnd) {
    throw refuse(`has data at offset ${offset} that runs out of the header`);
  }
  if (trailerAt !== undefined && end > trailerAt && start < trailerAt + INDEX_ENTRY_BYTES) {
    throw refuse(`has data at offset ${offset} that overlaps the trailer of the region`);
  }
  return { tag, type, count, bytes: blob.subarray(start, end) };
}

/** A decoded header. */
export interface SplitHeader {
  /** One entry per tag except the region, by tag number. Their bytes are views of the header. */
  readonly entries: ReadonlyMap<number, EncodedEntry>;
  readonly region: HeaderRegion;
}

/** Number of bytes that data adds when it is appended to other data. */
function packedEnd(before: number, { type, bytes }: EncodedEntry): number {
  const align = isIntegerType(type) ? integerWidths[type] : 1;
  return Math.ceil(before / align) * align + bytes.length;
}

/**
 * Checks a whole header as rpm does on reading, and finds the data of every tag: sizes, order, alignment, overlap,
 * gaps, terminators, and the type of each known tag. Unlike rpm, it also refuses a duplicate tag.
 *
 * @param blob  exactly the header, with the size in its intro
 * @throws ApplianceError `RPM_MALFORMED`
 */
export function splitEntries(blob: Buffer, place: HeaderPlace): SplitHeader {
  const intro = decodeHeaderIntro(blob, place);
  const { kind, origin, start } = place;
  if (blob.length < intro.totalBytes) {
    throw malformed(origin, start + blob.length, `ends inside the ${kind} header`);
  }
  const region = findRegion(blob, { ...place, ...intro });
  const dataStart = HEADER_INTRO_BYTES + intro.entries * INDEX_ENTRY_BYTES;
  const dataEnd = intro.totalBytes;
  const bounds = { place, dataStart, dataEnd, trailerAt: region.trailerAt };
  const entries = new Map<number, EncodedEntry>();
  let previousEnd = dataStart;
  let packed = 0;
  for (let i = region.trailerAt === undefined ? 0 : 1; i < intro.entries; i++) {
    const at = HEADER_INTRO_BYTES + i * INDEX_ENTRY_BYTES;
    const entry = decodeEntry(blob, { at, previousEnd }, bounds);
    if (entries.has(entry.tag))
      throw malformed(origin, start + at, `tag ${entry.tag} appears twice`);
    entries.set(entry.tag, entry);
    previousEnd = entry.bytes.byteOffset - blob.byteOffset + entry.bytes.length;
    packed = packedEnd(packed, entry);
  }
  if (region.trailerAt !== undefined) packed += INDEX_ENTRY_BYTES;
  if (packed !== intro.dataBytes) {
    const fact = `${kind} header has ${intro.dataBytes} bytes of data, expected ${packed} for its tags`;
    throw malformed(origin, start + 12, fact);
  }
  return { entries, region };
}
