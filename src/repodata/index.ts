export { findLocation, findNamed } from "./find-entries.ts";
export { readRepodata } from "./read-repodata.ts";
export { findBadTexts } from "./find-bad-texts.ts";
export { identityOf, isSamePackage, packageFileNames } from "./package-names.ts";
export { recordFromRpm } from "./record-from-rpm.ts";
export { renderRepoFile } from "./repo-file.ts";
export { parseRepomd } from "./repomd.ts";
export { openIndex } from "./stored-index.ts";
export { updateRepodata } from "./update-repodata.ts";
export type { PackageRecord } from "./package-record.ts";
export type { PackageSummary, ReadRepodata, RepodataSource } from "./read-repodata.ts";
export type { MetadataFile, Repomd } from "./repomd.ts";
export type { IndexEntry } from "./shard.ts";
export type { Repodata, StoredIndex } from "./stored-index.ts";
export type { RepodataChange, UpdatedRepodata } from "./update-repodata.ts";
export type { Checksum } from "./repomd.ts";
export type { Shard, ShardFacts } from "./shard.ts";
export type { IndexType } from "./render-package.ts";
export type { PackageFile } from "./record-from-rpm.ts";
export type {
  ChangelogRecord,
  DependencyKind,
  DependencyRecord,
  FileRecord,
} from "./package-record.ts";
export type { RepoFileValues } from "./repo-file.ts";
