import type { PayloadCompression } from "../../package/index.ts";
import type { HeaderEntry } from "../format/header.ts";
import { mainEntry } from "../format/make-entry.ts";
import type { RpmFormat } from "../format/rpm-format.ts";
import { payloadCompressors } from "../payload-compressors.ts";
import { digestTags, type PayloadDigests } from "./payload-digests.ts";

/** Facts about a payload that are only known once it is written. */
export interface MeasuredPayload {
  /** Of the payload as it is in the package. */
  readonly stored: PayloadDigests;
  /** Of the archive before compression. */
  readonly archive: PayloadDigests;
  /** Size of the payload as it is in the package. */
  readonly payloadBytes: number;
}

/** Returns rpm's name of the compression; informative only. */
function levelOf(payload: PayloadCompression): string {
  if (payload.compressor === "none") return "";
  return payloadCompressors[payload.compressor].flagsOf(payload.level);
}

function digestEntries(digests: PayloadDigests, of: "stored" | "archive"): HeaderEntry[] {
  return Array.from(digests, ([name, hex]) => {
    const tags = digestTags[name];
    return tags.type === "STRING"
      ? mainEntry.text(tags[of], hex)
      : mainEntry.texts(tags[of], [hex]);
  });
}

/** The sizes that format 6 stores here; format 4 stores them in the signature header. */
function sizeEntries(payloadBytes: number, archiveBytes: number): HeaderEntry[] {
  return [
    mainEntry.integers("PAYLOADSIZE", [payloadBytes]),
    mainEntry.integers("PAYLOADSIZEALT", [archiveBytes]),
  ];
}

/**
 * Returns the tags that describe the payload.
 *
 * An uncompressed payload has no compressor tag. In format 4 it has no digest of the archive either, because rpm would
 * verify the same digest twice.
 *
 * @param form.archiveBytes  size before compression
 */
export function payloadEntries(
  payload: PayloadCompression,
  form: { readonly format: RpmFormat; readonly archiveBytes: number },
  measured: MeasuredPayload,
): HeaderEntry[] {
  const { format, archiveBytes } = form;
  const isPlain = payload.compressor === "none";
  return [
    mainEntry.text("PAYLOADFORMAT", "cpio"),
    mainEntry.text("PAYLOADFLAGS", levelOf(payload)),
    ...digestEntries(measured.stored, "stored"),
    ...(format === 4 && isPlain ? [] : digestEntries(measured.archive, "archive")),
    ...(format === 4
      ? [mainEntry.integers("PAYLOADSHA256ALGO", [8])]
      : sizeEntries(measured.payloadBytes, archiveBytes)),
    ...(isPlain ? [] : [mainEntry.text("PAYLOADCOMPRESSOR", payload.compressor)]),
  ];
}
