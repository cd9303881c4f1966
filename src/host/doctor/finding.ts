/** What `doctor --fix` can do about a finding without losing anything. */
export type Repair =
  /** Finish or undo interrupted operations. */
  | "recover"
  /** Unpack bases, define or start the pool, register. */
  | "reconcile"
  /** Give a base back to root, and nobody the right to write to it. */
  | "protect-base"
  /** Have the record of a VM follow what its domain is. */
  | "repoint"
  /** Remove what was made for a VM that is gone. */
  | "remove-orphan"
  /** Remove what a killed process was writing. */
  | "remove-leftover";

/** Something on a host that is not as it should be; the shape of `doctor --json`, which only grows. */
export interface Finding {
  /** A `note` is for information: it is no fault. */
  readonly severity: "error" | "warning" | "note";
  /** Stable, kebab-case: `base-changed`. */
  readonly code: string;
  /** What it is about: a VM, a file, a pool, a program. */
  readonly subject: string;
  /** The fact, a sentence fragment that goes on from the subject. */
  readonly what: string;
  /** What the administrator can do. */
  readonly todo: string;
  /** Null when only the administrator can decide. */
  readonly repair: Repair | null;
}
