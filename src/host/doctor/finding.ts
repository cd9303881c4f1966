/** Repairs of `doctor --fix`, which lose no data. */
export type Repair =
  /** Complete or undo interrupted operations. */
  | "recover"
  /** Unpack bases, define or start the pool, register. */
  | "reconcile"
  /** Give a base back to root, and make it read-only. */
  | "protect-base"
  /** Update the record of a VM to its domain. */
  | "repoint"
  /** Remove files of a VM that no longer exists. */
  | "remove-orphan"
  /** Remove incomplete files of a killed process. */
  | "remove-leftover";

/** A problem on a host; the form of `doctor --json`, to which fields are only added. */
export interface Finding {
  /** A `note` is informative, not a fault. */
  readonly severity: "error" | "warning" | "note";
  /** Stable, kebab-case: `base-changed`. */
  readonly code: string;
  /** Subject: a VM, a file, a pool or a program. */
  readonly subject: string;
  /** The fact, a sentence fragment that continues the subject. */
  readonly what: string;
  /** What the administrator can do. */
  readonly todo: string;
  /** Null if only the administrator can decide. */
  readonly repair: Repair | null;
}
