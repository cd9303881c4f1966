/** Metadata of yum repositories: read, or made and changed from the headers of packages. */
export {
  openIndex,
  parseRepomd,
  readRepodata,
  recordFromRpm,
  renderRepoFile,
  updateRepodata,
} from "../repodata/index.ts";
export type {
  ChangelogRecord,
  Checksum,
  DependencyKind,
  DependencyRecord,
  FileRecord,
  IndexEntry,
  IndexType,
  MetadataFile,
  PackageFile,
  PackageRecord,
  PackageSummary,
  ReadRepodata,
  RepoFileValues,
  Repodata,
  RepodataChange,
  RepodataSource,
  Repomd,
  Shard,
  ShardFacts,
  StoredIndex,
  UpdatedRepodata,
} from "../repodata/index.ts";
export type * from "./types/header.ts";
