import type { RpmHeader, TagName } from "../rpm/index.ts";

/** A tag with text by people, in which old packages used other encodings. */
type TextTag =
  | "SUMMARY"
  | "DESCRIPTION"
  | "VENDOR"
  | "LICENSE"
  | "PACKAGER"
  | "GROUP"
  | "URL"
  | "CHANGELOGNAME"
  | "CHANGELOGTEXT"
  | "BASENAMES"
  | "DIRNAMES"
  | "PROVIDENAME"
  | "REQUIRENAME"
  | "CONFLICTNAME"
  | "OBSOLETENAME"
  | "RECOMMENDNAME"
  | "SUGGESTNAME"
  | "SUPPLEMENTNAME"
  | "ENHANCENAME";

/**
 * Numbers of the tags in the header.
 *
 * @see rpm `include/rpm/rpmtag.h`
 */
const numbers: Readonly<Record<TextTag & TagName<"main">, number>> = {
  SUMMARY: 1004,
  DESCRIPTION: 1005,
  VENDOR: 1011,
  LICENSE: 1014,
  PACKAGER: 1015,
  GROUP: 1016,
  URL: 1020,
  CHANGELOGNAME: 1081,
  CHANGELOGTEXT: 1082,
  BASENAMES: 1117,
  DIRNAMES: 1118,
  PROVIDENAME: 1047,
  REQUIRENAME: 1049,
  CONFLICTNAME: 1054,
  OBSOLETENAME: 1090,
  RECOMMENDNAME: 5046,
  SUGGESTNAME: 5049,
  SUPPLEMENTNAME: 5052,
  ENHANCENAME: 5055,
};

const REPLACEMENT = "\ufffd";
const INTRO_BYTES = 16;
const ENTRY_BYTES = 16;

/** Returns the bytes of the strings of an existing tag; the header was checked when it was read. */
function stringBytes(raw: Buffer, tag: number, count: number): Buffer[] {
  const dataStart = INTRO_BYTES + raw.readUInt32BE(8) * ENTRY_BYTES;
  let entry = INTRO_BYTES;
  while (raw.readUInt32BE(entry) !== tag) entry += ENTRY_BYTES;
  let at = dataStart + raw.readUInt32BE(entry + 8);
  return Array.from({ length: count }, () => {
    const start = at;
    const end = raw.indexOf(0, start);
    at = end + 1;
    return raw.subarray(start, end);
  });
}

/** Reads bytes as Latin-1, without control characters. */
function readLatin1(bytes: Buffer): string {
  const kept = bytes.filter((byte) =>
    byte < 0x80 ? byte >= 0x20 || byte === 9 || byte === 10 || byte === 13 : byte > 0xbf,
  );
  return Buffer.from(kept).toString("latin1");
}

/**
 * Returns the strings of a tag. One that is not valid UTF-8 is read again, whole, as Latin-1: packages from before rpm
 * required UTF-8 still exist, and metadata must be XML. createrepo_c does the same.
 */
export function headerTexts(header: RpmHeader<"main">, tag: TextTag): readonly string[] {
  const texts = header.strings(tag);
  if (!texts.some((text) => text.includes(REPLACEMENT))) return texts;
  const bytes = stringBytes(header.raw, numbers[tag], texts.length);
  return texts.map((text, i) => {
    const own = bytes[i];
    return own === undefined || Buffer.from(text, "utf8").equals(own) ? text : readLatin1(own);
  });
}

/** Returns the first string of a tag, or an empty one; see {@link headerTexts}. */
export function headerText(header: RpmHeader<"main">, tag: TextTag): string {
  return headerTexts(header, tag)[0] ?? "";
}
