import { countOf } from "../lib/count-of.ts";
import type { RpmHeader, RpmPackage } from "../rpm/index.ts";
import type { Deviation, DeviationCode } from "./deviation.ts";
import { type Check, checkDeviations } from "./verification.ts";

type Entry = RpmHeader["entries"][number];

/** Size of an index entry of a header, and of the trailer at the end of its data. */
const ENTRY_BYTES = 16;

/** rpm's requirements for a tag of the signature header when it merges it into the main header. */
interface Rule {
  readonly type: Entry["type"];
  readonly count?: number;
  /** The tag's number in the main header, which must not also have it. */
  readonly merged?: number;
  /** True if the main header may have it if the signature header does not. */
  readonly either?: boolean;
  /** Size of its data, in bytes. */
  readonly sizeBytes?: number;
}

/** rpm's `headerMergeLegacySigs` and `rpmvfytags`; tags without a rule are ignored by rpm. */
const rules: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [267, { type: "BIN", merged: 267 }],
  [268, { type: "BIN", merged: 268 }],
  [269, { type: "STRING", count: 1, merged: 269, sizeBytes: 41 }],
  [270, { type: "INT64", count: 1, merged: 270 }],
  [271, { type: "INT64", count: 1, merged: 271 }],
  [273, { type: "STRING", count: 1, merged: 273, sizeBytes: 65 }],
  [274, { type: "STRING_ARRAY", merged: 5090, either: true }],
  [275, { type: "INT32", count: 1, merged: 5091, either: true }],
  [276, { type: "STRING_ARRAY", merged: 276 }],
  [277, { type: "INT32", count: 1, merged: 277 }],
  [278, { type: "STRING_ARRAY", merged: 278 }],
  [279, { type: "STRING", count: 1, merged: 279, sizeBytes: 65 }],
  [1000, { type: "INT32", count: 1, merged: 257 }],
  [1002, { type: "BIN", merged: 259 }],
  [1004, { type: "BIN", count: 16, merged: 261 }],
  [1005, { type: "BIN", merged: 262 }],
  [1007, { type: "INT32", count: 1, merged: 1046, either: true }],
]);

/** Space for signatures, which no program reads. */
const reserved: ReadonlySet<number> = new Set([999, 1008]);

function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}

function entryFault({ tag, type, count, bytes }: Entry): string | undefined {
  const rule = rules.get(tag);
  if (rule === undefined) return undefined;
  if (rule.type !== type) return `tag ${tag} has type ${type}, expected ${rule.type}`;
  if (rule.count !== undefined && rule.count !== count) {
    return `tag ${tag} has ${countOf(count, "element")}, expected ${rule.count}`;
  }
  if (rule.sizeBytes === undefined || rule.sizeBytes === bytes.length) return undefined;
  return `tag ${tag} has ${bytes.length} bytes, expected ${rule.sizeBytes}`;
}

/** Faults that prevent rpm from reading the package. */
function faults({ signature, header }: RpmPackage): string[] {
  const found = signature.entries.flatMap((entry) => entryFault(entry) ?? []);
  const here = new Set(signature.entries.map(({ tag }) => tag));
  const there = new Set(header.entries.map(({ tag }) => tag));
  for (const [tag, { merged, either }] of rules) {
    if (merged === undefined || !there.has(merged)) continue;
    if (either === true && !here.has(tag)) continue;
    found.push(`tag ${merged} of the main header belongs in the signature header`);
  }
  return found;
}

/** Differences from what rpm writes. Nothing covers this header, so these bytes can be anything. */
function deviations({ signature }: RpmPackage, padding: Uint8Array): Deviation[] {
  const found: Deviation[] = [];
  const put = (code: DeviationCode, fact: string): void => void found.push({ code, fact });
  const { raw, entries, regionEntries } = signature;
  if (regionEntries !== entries.length + 1) {
    put(
      "signature-region",
      `its region covers ${regionEntries} of ${countOf(entries.length + 1, "entry")}`,
    );
  }
  let end = ENTRY_BYTES * (entries.length + (regionEntries === 0 ? 1 : 2));
  let previousTag = 0;
  for (const { tag, type, bytes } of entries) {
    const isReserved = reserved.has(tag);
    if (!isReserved && !rules.has(tag))
      put("signature-tag-foreign", `tag ${tag} does not belong in the signature header`);
    if (tag <= previousTag) {
      put("signature-tag-order", `tag ${tag} comes after tag ${previousTag}`);
    }
    previousTag = tag;
    if (isReserved && (type !== "BIN" || !isZero(bytes))) {
      put("signature-space", `tag ${tag} is not zero`);
    }
    const start = bytes.byteOffset - raw.byteOffset;
    // A complete region has its trailer after all data, so bytes between tags are only padding.
    if (regionEntries === entries.length + 1 && !isZero(raw.subarray(end, start))) {
      put("signature-gap", `gap before tag ${tag} is not zero`);
    }
    end = start + bytes.length;
  }
  if (!isZero(padding)) put("signature-padding", "padding is not zero");
  return found;
}

/**
 * Checks the signature header itself: `bad` if rpm cannot read it, `deviates` if rpm would write it differently.
 *
 * @param padding  the bytes between this header and the next
 * @param more  further deviations, of the signatures in it
 */
export function checkSignatureHeader(
  rpm: RpmPackage,
  padding: Uint8Array,
  more: readonly Deviation[] = [],
): Check {
  const what = "signature header";
  const bad = faults(rpm);
  if (bad.length > 0) return { what, status: "bad", detail: bad.join("; ") };
  return checkDeviations(what, [...deviations(rpm, padding), ...more]);
}
