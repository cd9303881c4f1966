import { encodeHeader } from "../format/header-encode.ts";
import { INDEX_ENTRY_BYTES } from "../format/header.ts";
import type { HeaderEntry } from "../format/header.ts";
import { signatureEntry } from "../format/make-entry.ts";

/**
 * Size of the signature header of every package we write, in bytes, a multiple of 8. It is what rpmbuild's takes by default,
 * so that main headers begin at byte 4504 as its do, and well below the 8192 bytes that rpm 4.14 accepts.
 */
export const SIGNATURE_HEADER_BYTES = 4408;

/** From here on rpm stores sizes with 64 bits: rpm compares with this, not with 2^32. */
const LARGE_PACKAGE_BYTES = 0xffff_ffff;

/** What the signature header says before anything is signed. */
export interface PackageFacts {
  /** SHA-256 of the main header, lower-case hex. */
  readonly headerSha256: string;
  /** Main header and payload together. */
  readonly headerAndPayloadBytes: number;
  /** Payload before compression. */
  readonly archiveBytes: number;
}

function sizeEntries({ headerAndPayloadBytes, archiveBytes }: PackageFacts): HeaderEntry[] {
  const isLarge =
    headerAndPayloadBytes >= LARGE_PACKAGE_BYTES || archiveBytes >= LARGE_PACKAGE_BYTES;
  return [
    signatureEntry.integers(isLarge ? "LONGSIZE" : "SIZE", [headerAndPayloadBytes]),
    signatureEntry.integers(isLarge ? "LONGARCHIVESIZE" : "PAYLOADSIZE", [archiveBytes]),
  ];
}

/**
 * Returns the signature header of an unsigned package, filled up with reserved space so that its size is always the same.
 * MD5 and SHA-1 are left out: rpm asks for them no more since 4.14, and MD5 would need the payload to be read again.
 *
 * @returns {@link SIGNATURE_HEADER_BYTES} bytes
 */
export function composeSignatureHeader(facts: PackageFacts): Buffer {
  const entries = [signatureEntry.text("SHA256", facts.headerSha256), ...sizeEntries(facts)];
  const bare = encodeHeader("signature", entries).length;
  const reserved = Buffer.alloc(SIGNATURE_HEADER_BYTES - bare - INDEX_ENTRY_BYTES);
  return encodeHeader("signature", [...entries, signatureEntry.bytes("RESERVEDSPACE", reserved)]);
}
