import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { writeAll } from "../lib/write-all.ts";
import { encodeEntry, joinEntries } from "./format/header-encode.ts";
import { INDEX_ENTRY_BYTES } from "./format/header.ts";
import type { EncodedEntry, HeaderEntry } from "./format/header.ts";
import { tagDefinition } from "./format/tags.ts";
import type { TagName } from "./format/tags.ts";
import { readOpenRpm } from "./read.ts";
import type { RpmHeader } from "./rpm-header.ts";

/** Where a signature of the main header can be stored; `OPENPGP` holds any number, the others one. */
export type SignatureTag = "RSA" | "DSA" | "OPENPGP";

/** One binary OpenPGP signature packet over the main header. */
export interface HeaderSignature {
  readonly tag: SignatureTag;
  readonly bytes: Uint8Array;
}

/** Every tag that holds a signature, those of rpm before 4.14 too: they cover what is being replaced. */
const signatureHolders: readonly TagName<"signature">[] = ["RSA", "DSA", "OPENPGP", "PGP", "GPG"];

const numberOf = (tag: TagName<"signature">): number => tagDefinition("signature", tag).number;

function signatureEntries(signatures: readonly HeaderSignature[]): EncodedEntry[] {
  const entries: HeaderEntry[] = [];
  for (const tag of ["RSA", "DSA"] as const) {
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

/**
 * Encodes the signature header with other signatures and as much reserved space as keeps its size.
 *
 * @returns as many bytes as `header.raw` has
 * @throws ApplianceError `RPM_NO_SIGNATURE_SPACE` when the reserved space is too small, or there is none
 */
function encodeWithSignatures(
  header: RpmHeader<"signature">,
  signatures: readonly HeaderSignature[],
  origin: string,
): Buffer {
  const reserved = numberOf(header.has("RESERVED") ? "RESERVED" : "RESERVEDSPACE");
  const replaced = new Set([reserved, ...signatureHolders.map(numberOf)]);
  const entries = [
    ...header.entries.filter((entry) => !replaced.has(entry.tag)),
    ...signatureEntries(signatures),
  ];
  const bare = joinEntries("signature", entries);
  const wanted = header.raw.length;
  const spare = wanted - bare.length - INDEX_ENTRY_BYTES;
  if (spare > 0) {
    const space = { tag: reserved, type: "BIN", count: spare, bytes: Buffer.alloc(spare) } as const;
    const filled = joinEntries("signature", [...entries, space]);
    if (filled.length === wanted) return filled;
  }
  if (bare.length === wanted) return bare;
  throw new ApplianceError(
    "RPM_NO_SIGNATURE_SPACE",
    `${origin}: signature header holds ${wanted} bytes, expected at least ${bare.length + INDEX_ENTRY_BYTES + 1}`,
    { hint: "build the package again with reserved signature space" },
  );
}

/**
 * Replaces all signatures of a package in place, in its reserved space: nothing behind the signature header moves, and the
 * payload is not read. The header is written at once and synced; its size and the place of all else stay as they were.
 *
 * @param signatures  the new ones, at most one `RSA` and one `DSA`; none removes all signatures
 * @throws ApplianceError `RPM_NO_SIGNATURE_SPACE` when they do not fit, with the package as it was; `RPM_MALFORMED`
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
    const encoded = encodeWithSignatures(rpm.signature, signatures, path);
    await writeAll(handle, encoded, rpm.signatureStart);
    await handle.sync();
  } catch (error) {
    throw fileError(error, path);
  } finally {
    await handle.close();
  }
}
