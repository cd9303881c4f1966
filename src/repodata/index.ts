export { packageFileName, recordFromRpm } from "./record-from-rpm.ts";
export { updateRepodata } from "./update-repodata.ts";
export type { PackageRecord } from "./package-record.ts";
export type { IndexEntry } from "./shard.ts";
export type { Repodata } from "./stored-index.ts";
export type { RepodataChange, UpdatedRepodata } from "./update-repodata.ts";
