import { HEADER_INTRO_BYTES, INDEX_ENTRY_BYTES, regionTags } from "./header.ts";
import { malformed } from "./malformed.ts";
import { tagTypes } from "./tags.ts";
import type { HeaderKind } from "./tags.ts";

/** What the region of a header covers. */
export interface HeaderRegion {
  /** Entries of the index that are the region's, itself included; 0 when there is none. */
  readonly entries: number;
  /** Where the region's trailer begins, from the start of the header; undefined when there is none. */
  readonly trailerAt: number | undefined;
}

/** Old builders of rpm put this tag into the trailer of a signature header. */
const HEADER_IMAGE = 61;
const BIN = tagTypes.indexOf("BIN") + 1;

/** Sizes of a header, and where it is. */
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
 * Finds the region of a header. The main header's must cover all of it: digests and signatures do. A signature header's
 * may be followed by tags that were added later, or be missing, as in packages of old and of other tools.
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
