import { HEADER_INTRO_BYTES, INDEX_ENTRY_BYTES, regionTags } from "./header.ts";
import { malformed } from "./malformed.ts";
import { type HeaderKind, tagTypes } from "./tags.ts";

/** Extent of a header's region. */
export interface HeaderRegion {
  /** Number of index entries in the region, including the region itself; 0 without a region. */
  readonly entries: number;
  /** Offset of the region's trailer from the start of the header; undefined without a region. */
  readonly trailerAt: number | undefined;
}

/** Old versions of rpmbuild write this tag into the trailer of a signature header. */
const HEADER_IMAGE = 61;
const BIN = tagTypes.indexOf("BIN") + 1;

/** Sizes and place of a header. */
interface RegionPlace {
  readonly kind: HeaderKind;
  readonly origin: string;
  readonly start: number;
  readonly entries: number;
  readonly dataBytes: number;
}

function trailerFits(blob: Buffer, at: number, { kind, entries }: RegionPlace): number | undefined {
  const tag = blob.readUInt32BE(at);
  const sizeBytes = -blob.readInt32BE(at + 8);
  const isTrailer =
    (tag === regionTags[kind] || (kind === "signature" && tag === HEADER_IMAGE)) &&
    blob.readUInt32BE(at + 4) === BIN &&
    blob.readUInt32BE(at + 12) === INDEX_ENTRY_BYTES;
  const covered = sizeBytes / INDEX_ENTRY_BYTES;
  if (!isTrailer || !Number.isInteger(covered) || covered < 1 || covered > entries)
    return undefined;
  return covered;
}

/**
 * Finds the region of a header. In the main header it must cover everything, because digests and signatures do. In a
 * signature header, tags that were added later may follow it, and packages of old or other tools may have none.
 *
 * @throws ApplianceError `RPM_MALFORMED`
 */
export function findRegion(blob: Buffer, place: RegionPlace): HeaderRegion {
  const { kind, origin, start, entries, dataBytes } = place;
  const refuse = (at: number, fact: string): Error => malformed(origin, start + at, fact);
  const dataStart = HEADER_INTRO_BYTES + entries * INDEX_ENTRY_BYTES;
  if (blob.readUInt32BE(HEADER_INTRO_BYTES) !== regionTags[kind]) {
    if (kind === "signature") return { entries: 0, trailerAt: undefined };
    throw refuse(
      HEADER_INTRO_BYTES,
      `first entry of the ${kind} header is not a region over all of it`,
    );
  }
  const offset = blob.readInt32BE(HEADER_INTRO_BYTES + 8);
  const isRegion =
    blob.readUInt32BE(HEADER_INTRO_BYTES + 4) === BIN &&
    blob.readUInt32BE(HEADER_INTRO_BYTES + 12) === INDEX_ENTRY_BYTES;
  const isInside = offset >= 0 && offset <= dataBytes - INDEX_ENTRY_BYTES;
  const isWhole = kind === "signature" || offset === dataBytes - INDEX_ENTRY_BYTES;
  if (!isRegion || !isInside || !isWhole) {
    throw refuse(
      HEADER_INTRO_BYTES,
      `first entry of the ${kind} header is not a region over all of it`,
    );
  }
  const trailerAt = dataStart + offset;
  const covered = trailerFits(blob, trailerAt, place);
  if (covered === undefined || (kind === "main" && covered !== entries)) {
    throw refuse(trailerAt, `trailer of the region of the ${kind} header does not match its index`);
  }
  return { entries: covered, trailerAt };
}
