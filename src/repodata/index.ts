export { findLocation, findNamed } from "./find-entries.ts";
export {
  checkRepositories,
  findMissing,
  type MissingDependencies,
} from "./dependencies/find-missing.ts";
export { readRepodata } from "./read-repodata.ts";
export { findBadTexts } from "./find-bad-texts.ts";
export { identityOf, isSamePackage, packageFileNames } from "./package-names.ts";
export { type PackageFile, recordFromRpm } from "./record-from-rpm.ts";
export { renderRepoFile, type RepoFileValues } from "./repo-file.ts";
export { type Checksum, type MetadataFile, parseRepomd, type Repomd } from "./repomd.ts";
export { openIndex, type Repodata, type StoredIndex } from "./stored-index.ts";
export { type RepodataChange, type UpdatedRepodata, updateRepodata } from "./update-repodata.ts";
export type { PackageRecord } from "./package-record.ts";
export type { RepodataSource } from "./open-metadata.ts";
export type { PackageSummary, ReadRepodata } from "./read-repodata.ts";
export type { IndexEntry, Shard, ShardFacts } from "./shard.ts";
export type { IndexType } from "./render-package.ts";
export type {
  ChangelogRecord,
  DependencyKind,
  DependencyRecord,
  FileRecord,
} from "./package-record.ts";
