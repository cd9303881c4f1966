import type { ChangelogEntry } from "../lib/parse-changelog.ts";
/** Comparison operators of a versioned relation. */
export type Comparison = "<" | "<=" | "=" | ">=" | ">";

/** Phase of a transaction in which a requirement must be met. */
export type RequirePhase = "pre" | "post" | "preun" | "postun" | "pretrans" | "posttrans";

/** A dependency: a name, a rich expression in parentheses, or a versioned name. */
export interface Relation {
  readonly name: string;
  readonly comparison?: Comparison;
  /** `[epoch:]version[-release]`; present exactly when `comparison` is. */
  readonly version?: string;
  readonly phases?: readonly RequirePhase[];
}

/** Where the content of a packaged file comes from. */
export type FileSource =
  /** A file below the staging folder given to the writer; its size and digest are measured there. */
  | { readonly kind: "staged"; readonly path: string }
  /** Text held by the plan. */
  | { readonly kind: "text"; readonly text: string }
  /**
   * Template held by the plan. `@SHA256(path)@` and `@BYTES(path)@` stand for the digest (lower-case hex) and the size
   * in bytes (decimal) of the staged file packaged at the absolute path; the writer fills them in.
   */
  | { readonly kind: "template"; readonly text: string }
  /** Another file of the package, at an absolute path: both are names of one file on the host, hard links. */
  | { readonly kind: "hardlink"; readonly path: string };

/** Attributes of a packaged file beyond its content. */
export type FileAttribute = "config" | "noreplace" | "doc" | "license" | "readme" | "missingok";

/** What `rpm -V` compares. */
export type VerifyAspect =
  "digest" | "size" | "link" | "user" | "group" | "mtime" | "mode" | "rdev" | "caps";

interface PlannedEntryBase {
  /** Absolute path on the host. */
  readonly path: string;
  /** Permission bits, without the file type. */
  readonly mode: number;
  readonly user: string;
  readonly group: string;
  readonly mtimeSeconds: number;
  readonly attributes?: readonly FileAttribute[];
  /** Aspects that `rpm -V` leaves out. */
  readonly verifyExcept?: readonly VerifyAspect[];
}

/** One entry of the file list. */
export type PlannedEntry =
  | (PlannedEntryBase & {
      readonly kind: "file";
      readonly source: FileSource;
      /** What a program may do without root, as getcap(8) prints it: `cap_net_bind_service,cap_net_raw=ep`. */
      readonly capabilities?: string;
    })
  | (PlannedEntryBase & { readonly kind: "directory" })
  | (PlannedEntryBase & { readonly kind: "symlink"; readonly target: string })
  /** Owned but not shipped. */
  | (PlannedEntryBase & { readonly kind: "ghost" });

/** Script and the program that reads it. */
export interface Scriptlet {
  readonly body: string;
  /** Program and its arguments: `["/bin/sh"]`, or `["<lua>"]`. */
  readonly interpreter: readonly string[];
}

/** Moments at which rpm runs a scriptlet of the package itself. */
export type ScriptletSlot =
  "pretrans" | "pre" | "post" | "preun" | "postun" | "posttrans" | "verify";

/** A scriptlet that runs when one of some other packages is installed or removed. */
export interface PackageTrigger extends Scriptlet {
  /** `prein`, `in`: before and after the other one is installed; `un`, `postun`: before and after it is removed. */
  readonly event: "prein" | "in" | "un" | "postun";
  /** The packages, with or without versions; no boolean expressions. One of them is enough. */
  readonly packages: readonly Relation[];
}

/** A scriptlet that runs when other packages install or remove files below a path. */
export interface FileTrigger extends Scriptlet {
  /** `file`: per package; `transaction`: once, at the end (in, postun) or before the transaction (un). */
  readonly scope: "file" | "transaction";
  readonly event: "in" | "un" | "postun";
  /** Absolute path prefixes. */
  readonly paths: readonly string[];
  /** Higher runs earlier; 1000000 is rpm's own default. */
  readonly priority?: number;
}

/** Programs that compress a payload. */
export type PayloadCompressor = "gzip" | "zstd";

/** How the payload is compressed. */
export type PayloadCompression =
  | { readonly compressor: "none" }
  | { readonly compressor: PayloadCompressor; readonly level: number };

/** A whole RPM package as data, before any byte of it is written. Both engines take it. */
export interface PackagePlan {
  readonly name: string;
  readonly epoch?: number;
  readonly version: string;
  readonly release: string;
  /** rpm's architecture name: `x86_64`, `noarch`, ... */
  readonly arch: string;
  readonly summary: string;
  readonly description: string;
  readonly license: string;
  readonly group: string;
  readonly vendor?: string;
  readonly packager?: string;
  readonly url?: string;
  /** Unix seconds; also the upper bound of every `mtimeSeconds`. */
  readonly buildTimeSeconds: number;
  readonly buildHost: string;
  /** Without the package's own name, which the writer adds as rpmbuild does. */
  readonly provides: readonly Relation[];
  readonly requires: readonly Relation[];
  readonly conflicts: readonly Relation[];
  readonly obsoletes: readonly Relation[];
  readonly recommends: readonly Relation[];
  readonly suggests: readonly Relation[];
  readonly supplements: readonly Relation[];
  readonly enhances: readonly Relation[];
  /** Sorted by path, bytewise. */
  readonly entries: readonly PlannedEntry[];
  readonly scriptlets: Readonly<Partial<Record<ScriptletSlot, Scriptlet>>>;
  readonly packageTriggers: readonly PackageTrigger[];
  readonly fileTriggers: readonly FileTrigger[];
  /** Newest first. */
  readonly changelog: readonly ChangelogEntry[];
  readonly payload: PayloadCompression;
}
