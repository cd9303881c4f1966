/** A dependency as metadata shows it. */
export interface DependencyRecord {
  readonly name: string;
  /** Absent when any version will do; then there is no version either. */
  readonly flags?: "LT" | "GT" | "EQ" | "LE" | "GE";
  readonly epoch?: string;
  readonly version?: string;
  readonly release?: string;
  /** Wanted already when a scriptlet of the installation runs. */
  readonly pre?: true;
}

/** The lists of dependencies, in the order in which metadata shows them. */
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

/** Everything that metadata says about one package. Nothing else of the package is ever needed again. */
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
