/*
 * OpenPGP's ASCII armor (RFC 4880, section 6.2):
 *
 *   -----BEGIN PGP KIND-----
 *   Name: value                    any number of headers; none are written
 *   (blank line)
 *   base64, at most 76 characters a line; written with 64
 *   =XXXX                          "=" and the base64 of a CRC-24
 *   -----END PGP KIND-----
 *
 * RFC 9580 makes the checksum optional, but GnuPG up to 2.4 needs it: it detects the end of base64 by a "=", of the
 * padding or of the checksum (https://dev.gnupg.org/T7071). So the checksum is always written, and required where GnuPG
 * needs it. Otherwise the reader is stricter than GnuPG: it refuses what any client refuses.
 */
import { countOf } from "../lib/count-of.ts";
import { trimEndOf } from "../lib/trim-end.ts";

/** Kinds of armored data. */
export type ArmorKind = "SIGNATURE" | "PUBLIC KEY BLOCK";

const CRC_START = 0xb704ce;
const CRC_POLYNOMIAL = 0x1864cfb;
const LINE_CHARACTERS = 64;

/** GnuPG truncates lines at 20,000 characters; no program writes more than 76. */
const MAX_LINE_CHARACTERS = 1000;

function checksumOf(bytes: Uint8Array): string {
  let crc = CRC_START;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= CRC_POLYNOMIAL;
    }
  }
  return Buffer.of(crc >>> 16, (crc >>> 8) & 0xff, crc & 0xff).toString("base64");
}

/** Returns bytes as armor with a checksum, lines ended with LF. */
export function encodeArmor(kind: ArmorKind, bytes: Uint8Array): string {
  const base64 = Buffer.from(bytes).toString("base64");
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, "g")) ?? [];
  return [
    `-----BEGIN PGP ${kind}-----`,
    "",
    ...lines,
    `=${checksumOf(bytes)}`,
    `-----END PGP ${kind}-----`,
    "",
  ].join("\n");
}

/** Why armor cannot be read, as the end of a sentence about the file. */
export interface ArmorFault {
  readonly fault: string;
}

function decodeBase64(lines: readonly string[]): Uint8Array | undefined {
  const text = lines.join("");
  const bytes = Buffer.from(text, "base64");
  // Lax base64 would allow undetected changes of characters.
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** Strictness about the end of armor. */
export interface ArmorRules {
  /** `optional` accepts armor that only some clients can read. Default: needed wherever GnuPG needs it. */
  readonly checksum?: "needed" | "optional";
}

function decodeBody(lines: readonly string[], rules: ArmorRules): Uint8Array | ArmorFault {
  const last = lines.at(-1) ?? "";
  const hasChecksum = /^=[A-Za-z0-9+/]{4}$/.test(last);
  const body = hasChecksum ? lines.slice(0, -1) : lines;
  const bytes = decodeBase64(body);
  if (bytes === undefined || bytes.length === 0) return { fault: "its armor contains no base64" };
  if (hasChecksum) {
    return last === `=${checksumOf(bytes)}`
      ? bytes
      : { fault: "the checksum of its armor is wrong" };
  }
  if (last.endsWith("=") || rules.checksum === "optional") return bytes;
  return {
    fault: "its armor has no checksum and no padding, which GnuPG, and therefore dnf, cannot read",
  };
}

/** Returns lines without trailing blanks, starting with the first non-empty line. */
function withoutBlanks(raw: readonly string[]): readonly string[] {
  const lines = raw.map((line) => trimEndOf(line, " \t\r"));
  // JavaScript trims more than GnuPG, which treats a byte order mark, other white space and leading blanks as text.
  const first = lines.findIndex((line) => line !== "");
  return first === -1 ? [] : lines.slice(first);
}

/**
 * Decodes one armor block. Lines may end with CR LF and have trailing blanks.
 *
 * @returns the bytes, or the reason why a client would not read them
 */
export function decodeArmor(
  kind: ArmorKind,
  text: string,
  rules: ArmorRules = {},
): Uint8Array | ArmorFault {
  const [begin, end] = [`-----BEGIN PGP ${kind}-----`, `-----END PGP ${kind}-----`];
  const raw = trimEndOf(text, " \t\r\n").split("\n");
  if (raw.some((line) => line.length > MAX_LINE_CHARACTERS)) {
    return { fault: `a line of its armor is longer than ${MAX_LINE_CHARACTERS} characters` };
  }
  const lines = withoutBlanks(raw);
  const blocks = lines.filter((line) => line.startsWith("-----BEGIN")).length;
  if (blocks === 0) return { fault: "it is not armored" };
  if (blocks > 1)
    return { fault: `it contains ${countOf(blocks, "armor block")}, but clients read only one` };
  if (lines[0] !== begin) return { fault: `it does not start with the line "${begin}"` };
  if (lines.at(-1) !== end) return { fault: `it does not end with the line "${end}"` };
  const blank = lines.indexOf("");
  if (blank === -1) return { fault: "its armor has no blank line before the base64" };
  if (lines.slice(1, blank).some((line) => !/^[A-Za-z][A-Za-z0-9-]*: /.test(line))) {
    return { fault: "an armor header does not have the form NAME: VALUE" };
  }
  return decodeBody(lines.slice(blank + 1, -1), rules);
}
