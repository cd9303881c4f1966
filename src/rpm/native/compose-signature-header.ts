import { encodeHeader } from "../format/header-encode.ts";
import { type HeaderEntry, INDEX_ENTRY_BYTES } from "../format/header.ts";
import { signatureEntry } from "../format/make-entry.ts";

/**
 * Size of the signature header of every written package, in bytes, a multiple of 8. It equals rpmbuild's default, so
 * main headers also begin at byte 4504. rpm 4.14 accepts at most 8192 bytes.
 */
export const SIGNATURE_HEADER_BYTES = 4408;

/** From this size on, rpm stores sizes with 64 bits. rpm uses this limit, not 2^32. */
const LARGE_PACKAGE_BYTES = 0xffff_ffff;

/** Content of the signature header of an unsigned package. */
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
 * Returns the signature header of an unsigned package, padded with reserved space to a constant size. MD5 and SHA-1 are
 * left out: rpm has not required them since 4.14, and MD5 would need another read of the payload.
 *
 * @returns {@link SIGNATURE_HEADER_BYTES} bytes
 */
export function composeSignatureHeader(facts: PackageFacts): Buffer {
  const entries = [signatureEntry.text("SHA256", facts.headerSha256), ...sizeEntries(facts)];
  const bare = encodeHeader("signature", entries).length;
  const reserved = Buffer.alloc(SIGNATURE_HEADER_BYTES - bare - INDEX_ENTRY_BYTES);
  return encodeHeader("signature", [...entries, signatureEntry.bytes("RESERVEDSPACE", reserved)]);
}
