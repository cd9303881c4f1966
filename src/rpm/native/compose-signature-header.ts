import { createHash } from "node:crypto";
import { digestOf } from "../../lib/bytes/digest.ts";
import { encodeHeader } from "../format/header-encode.ts";
import { type HeaderEntry, INDEX_ENTRY_BYTES } from "../format/header.ts";
import { signatureEntry } from "../format/make-entry.ts";
import { signatureSpace } from "../signature-space.ts";
import type { RpmFormat } from "../format/rpm-format.ts";

/** Size of a signature header with its index and the largest digests and sizes, without reserved space. */
const BARE_BYTES = 280;
/** Of the size of a signature header, which is then padded by nothing. */
const ALIGN = 8;

/**
 * Returns the size of the signature header of a written package, in bytes. With the default space it equals rpmbuild's,
 * so main headers also begin at byte 4504.
 *
 * @param space  bytes to reserve for signatures
 */
export function signatureHeaderBytes(space: number = signatureSpace.byDefault): number {
  return Math.ceil((BARE_BYTES + space) / ALIGN) * ALIGN;
}

/** From this size on, rpm stores sizes with 64 bits. rpm uses this limit, not 2^32. */
const LARGE_PACKAGE_BYTES = 0xffff_ffff;

/** Content of the signature header of an unsigned package. */
export interface PackageFacts {
  readonly format: RpmFormat;
  /** Main header and payload together. */
  readonly headerAndPayloadBytes: number;
  /** Payload before compression. */
  readonly archiveBytes: number;
  /** Size of the signature header. */
  readonly sizeBytes: number;
}

/** Sizes, which format 6 stores in the main header. */
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
 * @param header  the main header
 * @returns as many bytes as the facts say
 */
export function composeSignatureHeader(header: Uint8Array, facts: PackageFacts): Buffer {
  const isFormat4 = facts.format === 4;
  const entries = [
    signatureEntry.text("SHA256", digestOf(header)),
    ...(isFormat4
      ? sizeEntries(facts)
      : [signatureEntry.text("SHA3_256", createHash("sha3-256").update(header).digest("hex"))]),
  ];
  const bare = encodeHeader("signature", entries).length;
  const reserved = Buffer.alloc(facts.sizeBytes - bare - INDEX_ENTRY_BYTES);
  const tag = isFormat4 ? "RESERVEDSPACE" : "RESERVED";
  return encodeHeader("signature", [...entries, signatureEntry.bytes(tag, reserved)]);
}
