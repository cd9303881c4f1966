/** A dependency in metadata. */
export interface DependencyRecord {
  readonly name: string;
  /** Absent if any version is sufficient; then there is no version either. */
  readonly flags?: "LT" | "GT" | "EQ" | "LE" | "GE";
  readonly epoch?: string;
  readonly version?: string;
  readonly release?: string;
  /** True if a scriptlet of the installation needs it. */
  readonly pre?: true;
}

/** The lists of dependencies, in their order in metadata. */
export const dependencyKinds = [
  "provides",
  "requires",
  "conflicts",
  "obsoletes",
  "suggests",
  "enhances",
  "recommends",
  "supplements",
] as const;

/** Name of a list of dependencies. */
export type DependencyKind = (typeof dependencyKinds)[number];

/** A path that a package owns. */
export interface FileRecord {
  readonly path: string;
  readonly kind: "file" | "dir" | "ghost";
}

/** An entry of a changelog. */
export interface ChangelogRecord {
  readonly author: string;
  readonly timeSeconds: number;
  readonly text: string;
}

/** Everything in metadata about one package. No other part of the package is needed later. */
export interface PackageRecord {
  readonly name: string;
  readonly epoch: number;
  readonly version: string;
  readonly release: string;
  /** `src` for a source package. */
  readonly arch: string;
  /** SHA-256 of the whole file, lower-case hex: the package's id in all metadata. */
  readonly pkgid: string;
  readonly summary: string;
  readonly description: string;
  readonly packager: string;
  readonly url: string;
  /** Modification time of the file in the repository, Unix seconds. */
  readonly fileTimeSeconds: number;
  readonly buildTimeSeconds: number;
  readonly sizeBytes: number;
  readonly installedBytes: number;
  readonly archiveBytes: number;
  /** Path below the repository's root. */
  readonly location: string;
  readonly license: string;
  readonly vendor: string;
  readonly group: string;
  readonly buildHost: string;
  /** Empty for a source package. */
  readonly sourceRpm: string;
  /** Offsets of the main header in the file; `end` is the first byte behind it. */
  readonly headerRange: { readonly start: number; readonly end: number };
  readonly dependencies: Readonly<Partial<Record<DependencyKind, readonly DependencyRecord[]>>>;
  readonly files: readonly FileRecord[];
  /** Oldest first. */
  readonly changelog: readonly ChangelogRecord[];
}
