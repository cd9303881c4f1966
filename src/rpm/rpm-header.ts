import { type EncodedEntry, integerWidths, isIntegerType } from "./format/header.ts";
import { type HeaderPlace, splitEntries } from "./format/header-decode.ts";
import { malformed } from "./format/malformed.ts";
import { type HeaderKind, tagDefinition, type TagName, type TagType } from "./format/tags.ts";

/**
 * One header of a package, checked on reading. Data of a tag is decoded on request. Requesting another type than the
 * tag has is a bug, and throws a TypeError.
 */
export interface RpmHeader<Kind extends HeaderKind = HeaderKind> {
  readonly kind: Kind;
  /** The whole header, including magic and counts, as covered by header digests and signatures. */
  readonly raw: Buffer;
  /** Every tag except the region, with its stored data, in the order of the index. */
  readonly entries: readonly EncodedEntry[];
  /** Number of index entries in the region, including itself. Only in a signature header it may be fewer than all. */
  readonly regionEntries: number;
  has(tag: TagName<Kind>): boolean;
  /** Storage type of the tag; undefined if it is absent. */
  typeOf(tag: TagName<Kind>): TagType | undefined;
  /** The string, or the first of several; undefined if the tag is absent. */
  string(tag: TagName<Kind>): string | undefined;
  /** All strings; empty if the tag is absent. */
  strings(tag: TagName<Kind>): readonly string[];
  /**
   * All integers, unsigned; empty if the tag is absent.
   *
   * @throws ApplianceError `RPM_MALFORMED` if a 64-bit integer is not a safe integer
   */
  integers(tag: TagName<Kind>): readonly number[];
  /** A view of binary data, not a copy; undefined if the tag is absent. */
  bytes(tag: TagName<Kind>): Buffer | undefined;
}

function decodeStrings(entry: EncodedEntry): string[] {
  if (isIntegerType(entry.type) || entry.type === "BIN") {
    throw new TypeError(`tag ${entry.tag} holds ${entry.type}`);
  }
  const all = entry.bytes.toString("utf8", 0, entry.bytes.length - 1);
  return entry.count === 1 ? [all] : all.split("\0");
}

function decodeIntegers(entry: EncodedEntry, raw: Buffer, place: HeaderPlace): number[] {
  if (!isIntegerType(entry.type)) throw new TypeError(`tag ${entry.tag} holds ${entry.type}`);
  const { bytes } = entry;
  const width = integerWidths[entry.type];
  return Array.from({ length: entry.count }, (_, i) => {
    const value =
      width === 8 ? Number(bytes.readBigUInt64BE(i * width)) : bytes.readUIntBE(i * width, width);
    if (Number.isSafeInteger(value)) return value;
    const at = place.start + bytes.byteOffset - raw.byteOffset + i * width;
    throw malformed(place.origin, at, `tag ${entry.tag} holds ${value}, expected less than 2^53`);
  });
}

/**
 * Decodes a whole header.
 *
 * @param raw  exactly the header, with the size in its intro; kept, not copied
 * @throws ApplianceError `RPM_MALFORMED`
 */
export function decodeHeader<Kind extends HeaderKind>(
  raw: Buffer,
  place: HeaderPlace & { readonly kind: Kind },
): RpmHeader<Kind> {
  const { kind } = place;
  const { entries, region } = splitEntries(raw, place);
  const find = (tag: TagName<Kind>): EncodedEntry | undefined =>
    entries.get(tagDefinition(kind, tag).number);
  const strings = (tag: TagName<Kind>): readonly string[] => {
    const entry = find(tag);
    return entry === undefined ? [] : decodeStrings(entry);
  };
  return {
    kind,
    raw,
    entries: [...entries.values()],
    regionEntries: region.entries,
    has: (tag) => find(tag) !== undefined,
    typeOf: (tag) => find(tag)?.type,
    string: (tag) => strings(tag)[0],
    strings,
    integers(tag): readonly number[] {
      const entry = find(tag);
      return entry === undefined ? [] : decodeIntegers(entry, raw, place);
    },
    bytes(tag): Buffer | undefined {
      const entry = find(tag);
      if (entry !== undefined && entry.type !== "BIN") {
        throw new TypeError(`tag ${tag} holds ${entry.type}`);
      }
      return entry?.bytes;
    },
  };
}
