import type { PayloadCompression } from "../../package/index.ts";
import type { HeaderEntry } from "../format/header.ts";
import { mainEntry } from "../format/make-entry.ts";
import { payloadCompressors } from "../payload-compressors.ts";

/** Digests of the payload, lower-case hex. */
export interface PayloadDigests {
  /** SHA-256 of the payload as it is in the package. */
  readonly payloadSha256: string;
  /** SHA-256 of the archive before compression. */
  readonly archiveSha256: string;
}

/** Returns rpm's name of the compression; informative only. */
function levelOf(payload: PayloadCompression): string {
  if (payload.compressor === "none") return "";
  return payloadCompressors[payload.compressor].flagsOf(payload.level);
}

/**
 * Returns the tags that describe the payload.
 *
 * An uncompressed payload has no compressor tag, and no digest of the archive, because rpm would verify the same digest
 * twice.
 */
export function payloadEntries(
  payload: PayloadCompression,
  digests: PayloadDigests,
): HeaderEntry[] {
  return [
    mainEntry.text("PAYLOADFORMAT", "cpio"),
    mainEntry.text("PAYLOADFLAGS", levelOf(payload)),
    mainEntry.texts("PAYLOADSHA256", [digests.payloadSha256]),
    mainEntry.integers("PAYLOADSHA256ALGO", [8]),
    ...(payload.compressor === "none"
      ? []
      : [
          mainEntry.text("PAYLOADCOMPRESSOR", payload.compressor),
          mainEntry.texts("PAYLOADSHA256ALT", [digests.archiveSha256]),
        ]),
  ];
}
