/** What came out of one check. */
export type CheckStatus =
  | "ok"
  /** It does not match what it covers, or rpm cannot read it. */
  | "bad"
  /** Something that every package must have is not there. */
  | "missing"
  /** Made by a key that was not given. */
  | "nokey"
  /** The signature has expired, or its key had when it was made. */
  | "expired"
  | "revoked"
  /** Not as rpm itself would write it, but every rpm accepts it. */
  | "deviates"
  /** Could not be looked at here; what it would add is covered by another check. */
  | "unchecked";

/** What a check looked at. */
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
  /** `SHA-256`, `RSA/SHA-512`, …; undefined where there is no algorithm. */
  readonly algorithm?: string;
  readonly status: CheckStatus;
  /** Long id of the key that made a signature, 16 lower-case hex digits. */
  readonly keyId?: string;
  readonly detail?: string;
}

/** A hash of node, and what people call it. */
export interface HashName {
  readonly node: string;
  readonly label: string;
}

/** Hashes by their number in OpenPGP and in rpm's headers, which took them from there. */
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

/** Compares digests in hex, as rpm does without regard to case. */
export function compareDigest(
  what: CheckSubject,
  algorithm: string,
  digest: { readonly expected: string; readonly found: string },
): Check {
  if (digest.expected === digest.found) return { what, algorithm, status: "ok" };
  if (digest.expected.toLowerCase() === digest.found) {
    return { what, algorithm, status: "deviates", detail: "written in upper case" };
  }
  const detail = `expected ${digest.expected.slice(0, 200)}, found ${digest.found}`;
  return { what, algorithm, status: "bad", detail };
}

/** What a package may be like and still pass. */
export interface Tolerance {
  /** Whether it may be without a signature; one that it has must be good all the same. */
  readonly allowUnsigned?: boolean;
  /** Whether what merely deviates, or could not be checked, is a failure too. */
  readonly strict?: boolean;
}

/** Whether a package passes in spite of what came out of one check. */
export function isTolerable({ what, status }: Check, tolerance: Tolerance): boolean {
  if (status === "ok") return true;
  if (status === "deviates" || status === "unchecked") return tolerance.strict !== true;
  return tolerance.allowUnsigned === true && what === "header signature" && status === "missing";
}
