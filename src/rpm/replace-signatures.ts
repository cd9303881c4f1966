import { type FileHandle, open } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { formatSize } from "../lib/format-size.ts";
import { writeAll } from "../lib/bytes/write-all.ts";
import { encodeEntry, joinEntries } from "./format/header-encode.ts";
import { type EncodedEntry, type HeaderEntry, INDEX_ENTRY_BYTES } from "./format/header.ts";
import { tagDefinition, type TagName } from "./format/tags.ts";
import { readOpenRpm } from "./read.ts";
import { decodeHeader, type RpmHeader } from "./rpm-header.ts";
import { signatureSpace } from "./signature-space.ts";

/**
 * Tags for signatures: of the main header, and in `PGP` and `GPG`, which rpm before 4.14 wrote, of header and payload.
 * `OPENPGP` holds any number, the others one.
 */
export type SignatureTag = "RSA" | "DSA" | "OPENPGP" | "PGP" | "GPG";

/** One binary OpenPGP signature packet. */
export interface HeaderSignature {
  readonly tag: SignatureTag;
  readonly bytes: Uint8Array;
}

/** The most data that rpm 4.14 of EL 8 accepts in a signature header. */
const MAX_DATA_BYTES = 8192;

/** Every tag that holds signatures. */
const signatureHolders: readonly SignatureTag[] = ["RSA", "DSA", "OPENPGP", "PGP", "GPG"];

/** Offset in a header of the size of its data. */
const DATA_BYTES_AT = 12;

const numberOf = (tag: TagName<"signature">): number => tagDefinition("signature", tag).number;

function signatureEntries(signatures: readonly HeaderSignature[]): EncodedEntry[] {
  const entries: HeaderEntry[] = [];
  for (const tag of ["RSA", "DSA", "PGP", "GPG"] as const) {
    const [first, second] = signatures.filter((signature) => signature.tag === tag);
    if (second !== undefined) throw new TypeError(`more than one ${tag} signature`);
    if (first === undefined) continue;
    entries.push({ tag: numberOf(tag), type: "BIN", value: first.bytes });
  }
  const openpgp = signatures.filter((signature) => signature.tag === "OPENPGP");
  if (openpgp.length > 0) {
    const value = openpgp.map((signature) => Buffer.from(signature.bytes).toString("base64"));
    entries.push({ tag: numberOf("OPENPGP"), type: "STRING_ARRAY", value });
  }
  return entries.map(encodeEntry);
}

/** The tag for the reserved space of a header. */
function reservedTag(header: RpmHeader<"signature">): number {
  return numberOf(header.has("RESERVED") ? "RESERVED" : "RESERVEDSPACE");
}

/** Entries of a signature header that are kept when its signatures are replaced. */
function keptEntries(header: RpmHeader<"signature">): readonly EncodedEntry[] {
  const replaced = new Set([reservedTag(header), ...signatureHolders.map(numberOf)]);
  return header.entries.filter((entry) => !replaced.has(entry.tag));
}

/**
 * Encodes a signature header with other signatures, padded with reserved space to a size.
 *
 * @returns `sizeBytes` bytes, or undefined if they are not enough
 */
function encodeToSize(
  header: RpmHeader<"signature">,
  signatures: readonly HeaderSignature[],
  sizeBytes: number,
): Buffer | undefined {
  const entries = [...keptEntries(header), ...signatureEntries(signatures)];
  const bare = joinEntries("signature", entries);
  if (bare.length === sizeBytes) return bare;
  const spare = sizeBytes - bare.length - INDEX_ENTRY_BYTES;
  if (spare <= 0) return undefined;
  const space = { tag: reservedTag(header), type: "BIN", count: spare } as const;
  const filled = joinEntries("signature", [...entries, { ...space, bytes: Buffer.alloc(spare) }]);
  return filled.length === sizeBytes ? filled : undefined;
}

/** Size of the data of a header, without its index. */
function dataBytesOf(raw: Buffer): number {
  return raw.readUInt32BE(DATA_BYTES_AT);
}

/**
 * Encodes the signature header of a rewritten package with other signatures. It keeps its size if they fit, otherwise
 * it gets new reserved space. Repeated signing never enlarges it, because rpm 4.14 refuses more than 8 KiB.
 *
 * @param file  named in messages
 * @throws ApplianceError `RPM_NO_SIGNATURE_SPACE` if it would have more than 8 KiB, and more than before
 */
export function encodeWithSpace(
  header: RpmHeader<"signature">,
  signatures: readonly HeaderSignature[],
  file: string,
): Buffer {
  const entries = [...keptEntries(header), ...signatureEntries(signatures)];
  const unsigned = joinEntries("signature", keptEntries(header)).length;
  const bare = joinEntries("signature", entries);
  const candidates = [
    encodeToSize(header, signatures, header.raw.length),
    encodeToSize(header, signatures, unsigned + INDEX_ENTRY_BYTES + signatureSpace.byDefault),
    bare,
  ];
  const limit = Math.max(MAX_DATA_BYTES, dataBytesOf(header.raw));
  const encoded = candidates.find((one) => one !== undefined && dataBytesOf(one) <= limit);
  if (encoded !== undefined) return encoded;
  const size = formatSize(dataBytesOf(bare));
  throw new ApplianceError(
    "RPM_NO_SIGNATURE_SPACE",
    `${file}: its signatures need a signature header of ${size}, expected at most ${formatSize(limit)}`,
    {
      hint: "rpm 4.14 refuses larger ones; remove a signature, or build with more --signature-space",
    },
  );
}

/**
 * Replaces all signatures of a package in place, in its reserved space. The signature header keeps its size, so nothing
 * after it moves, and the payload is not read. The header is written in one call and synced.
 *
 * @param signatures  the new ones, at most one for each tag but `OPENPGP`; none removes all signatures
 * @throws ApplianceError `RPM_NO_SIGNATURE_SPACE` if they do not fit, with the package unchanged; `RPM_MALFORMED`
 */
export async function replaceSignatures(
  path: string,
  signatures: readonly HeaderSignature[],
): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r+");
  } catch (error) {
    throw fileError(error, path);
  }
  try {
    const rpm = await readOpenRpm(handle, path);
    const sizeBytes = rpm.signature.raw.length;
    const encoded = encodeToSize(rpm.signature, signatures, sizeBytes);
    if (encoded === undefined) {
      throw new ApplianceError(
        "RPM_NO_SIGNATURE_SPACE",
        `${path}: signature header of ${formatSize(sizeBytes)} has no room for the signatures`,
        { hint: "build the package again with reserved signature space" },
      );
    }
    decodeHeader(encoded, { kind: "signature", origin: path, start: rpm.signatureStart });
    await writeAll(handle, encoded, rpm.signatureStart);
    await handle.sync();
  } catch (error) {
    throw fileError(error, path);
  } finally {
    await handle.close();
  }
}
