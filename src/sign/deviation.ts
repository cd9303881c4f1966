/** What rpm accepts in a package, but would have written differently, by stable names. */
export type DeviationCode =
  | "lead-format"
  | "lead-type"
  | "lead-architecture"
  | "lead-system"
  | "lead-name"
  | "lead-reserved"
  | "signature-region"
  | "signature-tag-foreign"
  | "signature-tag-order"
  | "signature-space"
  | "signature-gap"
  | "signature-padding"
  | "signature-packet"
  | "signature-place"
  | "signature-ecdsa"
  | "signature-sha1"
  | "weak-header-digest"
  | "weak-payload-digest"
  | "digest-upper-case"
  | "digest-differs"
  | "size-differs";

/** One deviation. */
export interface Deviation {
  readonly code: DeviationCode;
  /** Without the subject. */
  readonly fact: string;
}
