import type { FileAttribute, PackagePlan, PlannedEntry } from "./package-plan.ts";

/** A file of a package that is made from plain files. */
export interface PackagedFile {
  /** Absolute path on the host that installs the package. */
  readonly path: string;
  /** Its content: a text, or a path below the folder with the files. */
  readonly content: { readonly text: string } | { readonly file: string };
  /** Permission bits. Default: 0644. */
  readonly mode?: number | undefined;
  /** Default: `root`. */
  readonly user?: string | undefined;
  /** Default: `root`. */
  readonly group?: string | undefined;
  /** Unix seconds. Default: the build time. */
  readonly mtimeSeconds?: number | undefined;
  readonly attributes?: readonly FileAttribute[] | undefined;
}

type RequiredTags = Pick<PackagePlan, "name" | "version" | "summary" | "license">;
type OptionalTags = Partial<Omit<PackagePlan, keyof RequiredTags | "entries" | "buildTimeSeconds">>;

/** A package of plain files. What is left out has the default that rpmbuild gives it. */
export interface FilesPackage extends RequiredTags, OptionalTags {
  readonly files: readonly PackagedFile[];
  /** Folders, links and ghosts, and files with more attributes. */
  readonly entries?: readonly PlannedEntry[] | undefined;
}

function entryOf(file: PackagedFile, buildTimeSeconds: number): PlannedEntry {
  const { content } = file;
  return {
    kind: "file",
    path: file.path,
    mode: file.mode ?? 0o644,
    user: file.user ?? "root",
    group: file.group ?? "root",
    mtimeSeconds: file.mtimeSeconds ?? buildTimeSeconds,
    ...(file.attributes === undefined ? {} : { attributes: file.attributes }),
    source:
      "text" in content
        ? { kind: "text", text: content.text }
        : { kind: "staged", path: content.file },
  };
}

function byPath(a: PlannedEntry, b: PlannedEntry): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}

/** Returns the plan of a package of plain files: release 1, `noarch`, an uncompressed payload, unless they are given. */
export function planFiles(wanted: FilesPackage, buildTimeSeconds: number): PackagePlan {
  const { files, entries = [], ...given } = wanted;
  return {
    release: "1",
    arch: "noarch",
    description: wanted.summary,
    group: "Unspecified",
    buildHost: "localhost",
    provides: [],
    requires: [],
    conflicts: [],
    obsoletes: [],
    recommends: [],
    suggests: [],
    supplements: [],
    enhances: [],
    scriptlets: {},
    packageTriggers: [],
    fileTriggers: [],
    changelog: [],
    payload: { compressor: "none" },
    ...given,
    buildTimeSeconds,
    entries: [...files.map((file) => entryOf(file, buildTimeSeconds)), ...entries].sort(byPath),
  };
}
