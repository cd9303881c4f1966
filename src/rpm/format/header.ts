/**
 * A header: the container of both the signatures and the description of a package, big-endian.
 *
 *      0  magic 8e ad e8 01, 4 zero bytes
 *      8  number of index entries (4)
 *     12  bytes of data (4)
 *     16  index: per entry tag (4), type (4), offset into the data (4), count (4)
 *      …  data; integers aligned to their size, strings end with NUL
 *
 * The first entry is the region: type BIN, count 16, its data the last 16 bytes, which read like an index entry
 * themselves: region tag, BIN, minus the size of the index, 16. Digests and signatures cover the whole header.
 * Source: rpm manual, "RPM v4 package format"; rpm `lib/header.c`.
 */
import type { TagType } from "./tags.ts";

/** Magic, counts. */
export const HEADER_INTRO_BYTES = 16;
/** One entry of the index, and the trailer of the region. */
export const INDEX_ENTRY_BYTES = 16;
/** The first eight bytes of every header. */
export const HEADER_MAGIC: Buffer = Buffer.from("8eade80100000000", "hex");

/** Number of the region tag of each header. */
export const regionTags = { signature: 62, main: 63 } as const;

/** Bytes per element, and alignment, of the integer types. */
export const integerWidths = { CHAR: 1, INT8: 1, INT16: 2, INT32: 4, INT64: 8 } as const;

/** A type that stores integers. */
export type IntegerType = keyof typeof integerWidths;

/** Whether a type stores integers. */
export function isIntegerType(type: TagType): type is IntegerType {
  return type in integerWidths;
}

/** Data of one tag. Integers are unsigned. */
export type TagData =
  | { readonly type: "STRING"; readonly value: string }
  | { readonly type: "STRING_ARRAY" | "I18NSTRING"; readonly value: readonly string[] }
  | { readonly type: IntegerType; readonly value: readonly number[] }
  | { readonly type: "BIN"; readonly value: Uint8Array };

/** One tag of a header with its data. */
export type HeaderEntry = { readonly tag: number } & TagData;

/** One tag of a header with its data as it is stored. */
export interface EncodedEntry {
  readonly tag: number;
  readonly type: TagType;
  /** Number of elements. */
  readonly count: number;
  readonly bytes: Buffer;
}
