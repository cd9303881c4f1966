import { createHash } from "node:crypto";
import type { RpmHeader, RpmPackage } from "../rpm/index.ts";
import { compareDigest } from "./verification.ts";
import type { Check } from "./verification.ts";

type Entry = RpmHeader["entries"][number];

/** Size of the index entry of a header, and of the trailer that ends its data. */
const ENTRY_BYTES = 16;

/**
 * Every tag that a signature header may have, with its type and, where only one makes sense, its count. Nothing covers
 * this header, so an entry that nobody reads would be a place for changes that nobody notices.
 */
const allowed: ReadonlyMap<number, { readonly type: Entry["type"]; readonly count?: number }> =
  new Map([
    [267, { type: "BIN" }],
    [268, { type: "BIN" }],
    [269, { type: "STRING", count: 1 }],
    [270, { type: "INT64", count: 1 }],
    [271, { type: "INT64", count: 1 }],
    [273, { type: "STRING", count: 1 }],
    [274, { type: "STRING_ARRAY" }],
    [275, { type: "INT32", count: 1 }],
    [276, { type: "STRING_ARRAY" }],
    [277, { type: "INT32", count: 1 }],
    [278, { type: "STRING_ARRAY" }],
    [279, { type: "STRING", count: 1 }],
    [999, { type: "BIN" }],
    [1000, { type: "INT32", count: 1 }],
    [1002, { type: "BIN" }],
    [1004, { type: "BIN", count: 16 }],
    [1005, { type: "BIN" }],
    [1007, { type: "INT32", count: 1 }],
    [1008, { type: "BIN" }],
  ]);

const alignments: Partial<Record<Entry["type"], number>> = { INT16: 2, INT32: 4, INT64: 8 };

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function layoutFaults(header: RpmHeader<"signature">): string[] {
  const found: string[] = [];
  const { raw } = header;
  let end = ENTRY_BYTES * (header.entries.length + 2);
  const dataStart = end;
  let previousTag = 0;
  for (const { tag, type, count, bytes } of header.entries) {
    const rule = allowed.get(tag);
    if (rule === undefined) found.push(`tag ${tag} does not belong here`);
    else if (rule.type !== type) found.push(`tag ${tag} has type ${type}, expected ${rule.type}`);
    else if (rule.count !== undefined && rule.count !== count) {
      found.push(`tag ${tag} has ${count} elements, expected ${rule.count}`);
    }
    if (tag <= previousTag) found.push(`tag ${tag} comes after tag ${previousTag}`);
    previousTag = tag;
    const start = bytes.byteOffset - raw.byteOffset;
    const align = alignments[type] ?? 1;
    const expected = dataStart + Math.ceil((end - dataStart) / align) * align;
    if (start !== expected) found.push(`data of tag ${tag} is at ${start}, expected ${expected}`);
    if (!isZero(raw.subarray(end, start))) found.push(`gap before tag ${tag} is not zero`);
    end = start + bytes.length;
  }
  if (end !== raw.length - ENTRY_BYTES) found.push("there are bytes behind the last tag");
  return found;
}

/**
 * Checks the signature header itself: only known tags, in order, without gaps, its reserved space and padding zero.
 *
 * @param padding  the bytes between this header and the next
 */
export function checkSignatureHeader(rpm: RpmPackage, padding: Uint8Array): Check {
  const { signature } = rpm;
  const found = layoutFaults(signature);
  for (const tag of ["RESERVED", "RESERVEDSPACE"] as const) {
    if (!isZero(signature.bytes(tag) ?? Buffer.alloc(0))) found.push(`${tag} is not zero`);
  }
  if (!isZero(padding)) found.push("padding is not zero");
  if (found.length === 0) return { what: "signature header", status: "ok" };
  return { what: "signature header", status: "bad", detail: found.join("; ") };
}

/** Compares the main header with each of its digests; `missing` when there is none. */
export function checkHeaderDigests(rpm: RpmPackage): Check[] {
  const { signature, header } = rpm;
  const checks: Check[] = [];
  for (const [tag, node, label] of [
    ["SHA3_256", "sha3-256", "SHA3-256"],
    ["SHA256", "sha256", "SHA-256"],
    ["SHA1", "sha1", "SHA-1"],
  ] as const) {
    const expected = signature.string(tag);
    if (expected === undefined) continue;
    const found = createHash(node).update(header.raw).digest("hex");
    checks.push(compareDigest("header digest", label, { expected, found }));
  }
  if (checks.length > 0) return checks;
  return [{ what: "header digest", status: "missing", detail: "the header has no digest" }];
}
