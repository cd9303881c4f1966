import type { SignatureTag } from "../rpm/index.ts";
import type { Deviation, DeviationCode } from "./deviation.ts";

/** Result of one check. */
export type CheckStatus =
  | "ok"
  /** It does not match what it covers, or rpm cannot read it. */
  | "bad"
  /** A required part is missing. */
  | "missing"
  /** Made by a key that is not among the given keys. */
  | "nokey"
  /** The signature has expired, or its key had expired when it was made. */
  | "expired"
  | "revoked"
  /** Differs from what rpm writes, but every rpm accepts it. */
  | "deviates"
  /** Could not be checked; another check covers the same data. */
  | "unchecked";

/** Subject of a check. */
export type CheckSubject =
  | "format"
  | "lead"
  | "signature header"
  | "header digest"
  | "header signature"
  | "payload digest"
  | "uncompressed payload digest"
  | "header and payload size"
  | "uncompressed payload size"
  | "header and payload digest"
  | "header and payload signature"
  | "signature";

/** The result for one digest, one signature, or one part of the format. */
export interface Check {
  readonly what: CheckSubject;
  /** `SHA-256`, `RSA/SHA-512`, …; undefined if there is no algorithm. */
  readonly algorithm?: string;
  readonly status: CheckStatus;
  /** Long id of the key that made a signature, 16 lower-case hex digits. */
  readonly keyId?: string;
  /** Where a package holds the signature. */
  readonly tag?: SignatureTag;
  readonly detail?: string;
  /** Names of the deviations, if the status is `deviates`. */
  readonly codes?: readonly DeviationCode[];
}

/** Node's name of a hash, and its display name. */
export interface HashName {
  readonly node: string;
  readonly label: string;
}

/** Hashes by their number in OpenPGP, which rpm's headers also use. */
export const hashNames: ReadonlyMap<number, HashName> = new Map([
  [1, { node: "md5", label: "MD5" }],
  [2, { node: "sha1", label: "SHA-1" }],
  [8, { node: "sha256", label: "SHA-256" }],
  [9, { node: "sha384", label: "SHA-384" }],
  [10, { node: "sha512", label: "SHA-512" }],
  [11, { node: "sha224", label: "SHA-224" }],
  [12, { node: "sha3-256", label: "SHA3-256" }],
  [14, { node: "sha3-512", label: "SHA3-512" }],
]);

/** Returns the result of a check that found deviations; `ok` for none. */
export function checkDeviations(what: CheckSubject, found: readonly Deviation[]): Check {
  if (found.length === 0) return { what, status: "ok" };
  return {
    what,
    status: "deviates",
    codes: [...new Set(found.map(({ code }) => code))],
    detail: found.map(({ fact }) => fact).join("; "),
  };
}

/** Compares digests in hex, as rpm does without regard to case. */
export function compareDigest(
  what: CheckSubject,
  algorithm: string,
  digest: { readonly expected: string; readonly found: string },
): Check {
  if (digest.expected === digest.found) return { what, algorithm, status: "ok" };
  if (digest.expected.toLowerCase() === digest.found) {
    const codes = ["digest-upper-case"] as const;
    return { what, algorithm, status: "deviates", codes, detail: "written in upper case" };
  }
  const detail = `expected ${digest.expected.slice(0, 200)}, found ${digest.found}`;
  return { what, algorithm, status: "bad", detail };
}

/** Rules for accepting a package. */
export interface Tolerance {
  /** True if it may be unsigned; an existing signature must still be valid. */
  readonly allowUnsigned?: boolean;
  /** True if deviations and skipped checks are failures too. */
  readonly strict?: boolean;
}

/** Returns whether a package can pass with this result of a check. */
export function isTolerable({ what, status }: Check, tolerance: Tolerance): boolean {
  if (status === "ok") return true;
  if (status === "deviates" || status === "unchecked") return tolerance.strict !== true;
  return tolerance.allowUnsigned === true && what === "header signature" && status === "missing";
}
