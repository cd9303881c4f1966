import { createHash } from "node:crypto";
import { ApplianceError } from "../errors.ts";
import type { RpmHeader, RpmPackage } from "../rpm/index.ts";
import { type Check, type CheckSubject, compareDigest, hashNames } from "./verification.ts";

/** Receives every piece of the payload once, and returns its result at the end. */
export interface PayloadObserver {
  update(piece: Buffer): void | Promise<void>;
  finish(): Promise<Check[]>;
  /** Stops early, so that no process continues. */
  stop?(): void;
}

/** A digest in a header, in hex, and its hash algorithm. */
export interface ExpectedDigest {
  readonly what: CheckSubject;
  readonly node: string;
  readonly label: string;
  readonly hex: string;
}

/** The tags with digests of one hash: of the stored payload, and of the decompressed one. rpm defines the types. */
const families = [
  { hash: 8, stored: "PAYLOADSHA256", expanded: "PAYLOADSHA256ALT", type: "STRING_ARRAY" },
  { hash: 10, stored: "PAYLOADSHA512", expanded: "PAYLOADSHA512ALT", type: "STRING" },
  { hash: 12, stored: "PAYLOADSHA3_256", expanded: "PAYLOADSHA3_256ALT", type: "STRING" },
] as const;

type DigestTag = (typeof families)[number]["stored" | "expanded"];

/** The digests of a tag. A tag of the wrong type matches nothing. */
function digestsOf(header: RpmHeader<"main">, tag: DigestTag, type: string): string[] {
  return header.strings(tag).map((hex) => (header.typeOf(tag) === type ? hex : "of another type"));
}

/** Returns the digests of the decompressed payload in the main header. */
export function expandedDigests({ header }: RpmPackage): ExpectedDigest[] {
  return families.flatMap(({ hash, expanded }) => {
    const [hex] = header.strings(expanded);
    const name = hashNames.get(hash);
    if (hex === undefined || name === undefined) return [];
    return [{ what: "uncompressed payload digest" as const, ...name, hex }];
  });
}

/**
 * rpm's verdict on the digests of one hash. rpm compares all of them, including those of the decompressed payload, with
 * the stored payload. A wrong one is ignored if the first other one, by descending tag and index, is correct.
 */
function judgeFamily(
  digests: { readonly stored: readonly string[]; readonly expanded: readonly string[] },
  label: string,
  found: string,
): Check[] {
  const what = "payload digest";
  const stored = digests.stored.map((expected) => compareDigest(what, label, { expected, found }));
  const isRight = [
    ...digests.expanded.map((hex) => hex.toLowerCase() === found).toReversed(),
    ...stored.map(({ status }) => status !== "bad").toReversed(),
  ];
  const isSaved = (i: number): boolean => isRight[i === 0 ? 1 : 0] === true;
  if (isRight.every((right, i) => right || isSaved(i))) {
    if (stored.length === 0) return [{ what, algorithm: label, status: "ok" }];
    return stored.map((check) =>
      check.status === "bad" ? { ...check, status: "deviates", codes: ["digest-differs"] } : check,
    );
  }
  if (stored.some(({ status }) => status === "bad")) return stored;
  const detail = "the digest of the uncompressed payload does not match";
  return [{ what, algorithm: label, status: "bad", detail }];
}

/** Compares the stored payload with the digests in the main header. */
export function observeStored({ header }: RpmPackage): PayloadObserver[] {
  return families.flatMap((family) => {
    const name = hashNames.get(family.hash);
    const stored = digestsOf(header, family.stored, family.type);
    const expanded = digestsOf(header, family.expanded, family.type);
    if (name === undefined || stored.length + expanded.length === 0) return [];
    const hash = createHash(name.node);
    return [
      {
        update: (piece) => void hash.update(piece),
        finish: async () => judgeFamily({ stored, expanded }, name.label, hash.digest("hex")),
      },
    ];
  });
}

/**
 * Returns what checks of the stored payload find if its digests in the headers are correct. Digests that no payload can
 * have do not count.
 */
export function claimedDigests({ header, signature }: RpmPackage): Check[] {
  const claimed: Check[] = families.flatMap(({ hash, stored, type }) => {
    const name = hashNames.get(hash);
    const digests = digestsOf(header, stored, type);
    const length = hash === 10 ? 128 : 64;
    const isPossible = digests.some((hex) => /^[0-9a-f]+$/i.test(hex) && hex.length === length);
    if (name === undefined || !isPossible) return [];
    return [{ what: "payload digest", algorithm: name.label, status: "ok" }];
  });
  if (!signature.has("MD5")) return claimed;
  return [...claimed, { what: "header and payload digest", algorithm: "MD5", status: "ok" }];
}

/** Compares a prefix and all pieces with one digest. */
export function observeDigest(
  expected: ExpectedDigest,
  prefix: Uint8Array = Buffer.alloc(0),
): PayloadObserver {
  const hash = createHash(expected.node).update(prefix);
  return {
    update: (piece) => void hash.update(piece),
    finish: async () => [
      compareDigest(expected.what, expected.label, {
        expected: expected.hex,
        found: hash.digest("hex"),
      }),
    ],
  };
}

/** Returns a size from the signature header, in bytes; infinity if it is not a safe integer. */
export function announcedBytes(
  signature: RpmHeader<"signature">,
  tag: "LONGSIZE" | "SIZE" | "LONGARCHIVESIZE" | "PAYLOADSIZE",
): number | undefined {
  try {
    return signature.integers(tag)[0];
  } catch (error) {
    if (error instanceof ApplianceError && error.code === "RPM_MALFORMED") return Infinity;
    throw error;
  }
}

/** Compares sizes in bytes. rpm does not check them. */
export function compareSize(what: CheckSubject, expected: number, found: number): Check {
  if (expected === found) return { what, status: "ok" };
  return {
    what,
    status: "deviates",
    codes: ["size-differs"],
    detail: `expected ${expected} bytes, found ${found}`,
  };
}
