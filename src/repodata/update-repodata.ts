import { ApplianceError } from "../errors.ts";
import type { PackageRecord } from "./package-record.ts";
import { renderPackage } from "./render-package.ts";
import { renderRepomd } from "./repomd.ts";
import { buildShards } from "./shard.ts";
import type { IndexEntry, Shard, ShardItem } from "./shard.ts";
import { encodeIndex, openIndex } from "./stored-index.ts";
import type { Repodata } from "./stored-index.ts";

/** What is to change in a repository. */
export interface RepodataChange {
  readonly add?: readonly PackageRecord[];
  /** Locations, below the repository's root, of packages that go. */
  readonly remove?: readonly string[];
}

/** Metadata together with what it is about. */
export interface UpdatedRepodata extends Repodata {
  /** All packages, in the order of the metadata. */
  readonly packages: readonly IndexEntry[];
}

function fileName(location: string): string {
  return location.slice(location.lastIndexOf("/") + 1);
}

/** createrepo_c's order: by file name, then by folder. Locations are ASCII, so units compare as bytes do. */
function compareLocations(a: string, b: string): number {
  const left = fileName(a);
  const right = fileName(b);
  if (left !== right) return left < right ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

function addedItem(record: PackageRecord): ShardItem {
  // eslint-disable-next-line no-control-regex -- the range of ASCII without space
  if (!/^[!-~]+$/.test(record.location) || /[<>&"]/.test(record.location)) {
    throw new TypeError(`location "${record.location}" is not plain ASCII`);
  }
  const { location, pkgid, sizeBytes, buildTimeSeconds } = record;
  return { entry: { location, pkgid, sizeBytes, buildTimeSeconds }, chunks: renderPackage(record) };
}

function keptItems(shards: readonly Shard[], remove: ReadonlySet<string>): ShardItem[] {
  const items: ShardItem[] = [];
  for (const shard of shards) {
    for (const [position, entry] of shard.entries.entries()) {
      if (!remove.has(entry.location)) items.push({ entry, shard, position });
    }
  }
  return items;
}

/** Merges what is sorted already with the few that are new. */
function mergeItems(kept: readonly ShardItem[], added: readonly ShardItem[]): ShardItem[] {
  const merged: ShardItem[] = [];
  let next = 0;
  for (const item of added) {
    for (;;) {
      const one = kept[next];
      if (one === undefined) break;
      const order = compareLocations(one.entry.location, item.entry.location);
      if (order > 0) break;
      if (order === 0) throw new TypeError(`${item.entry.location} is there already`);
      merged.push(one);
      next += 1;
    }
    merged.push(item);
  }
  return [...merged, ...kept.slice(next)];
}

function revisionOf(
  packages: readonly IndexEntry[],
  previous: string | undefined,
  given: number | undefined,
): number {
  if (given !== undefined) return given;
  const before = previous !== undefined && /^\d{1,12}$/.test(previous) ? Number(previous) : 0;
  return packages.reduce((newest, one) => Math.max(newest, one.buildTimeSeconds), before);
}

/**
 * Answers the metadata of a repository after a change. Packages that stay are not looked at: their elements are taken
 * over from the metadata that there is. The same packages give the same primary, filelists and other, whatever the
 * order in which they came.
 *
 * @param previous  metadata that this function answered before; undefined for a new repository
 * @param options.timestampSeconds  revision and time of all files; unless told, the build time of the newest package,
 *   but never less than the revision before
 * @throws ApplianceError `REPODATA_DAMAGED` when `previous` is not as its repomd.xml says, `REPODATA_BAD_TEXT`,
 *   `REPODATA_TOO_LARGE`, `LIB_INTERRUPTED`
 */
export async function updateRepodata(
  previous: Repodata | undefined,
  change: RepodataChange,
  options: { readonly timestampSeconds?: number; readonly signal?: AbortSignal } = {},
): Promise<UpdatedRepodata> {
  const index = await openIndex(previous);
  const remove = new Set(change.remove);
  const kept = keptItems(index.shards, remove);
  const added = (change.add ?? [])
    .map(addedItem)
    .sort((a, b) => compareLocations(a.entry.location, b.entry.location));
  const items = mergeItems(kept, added);
  const packages = items.map((item) => item.entry);
  const timestamp = revisionOf(packages, index.repomd?.revision, options.timestampSeconds);
  const shards = buildShards(items);
  if (options.signal?.aborted === true) {
    throw new ApplianceError("LIB_INTERRUPTED", "repository metadata: interrupted");
  }
  const files = await Promise.all([
    encodeIndex("primary", shards, timestamp),
    encodeIndex("filelists", shards, timestamp),
    encodeIndex("other", shards, timestamp),
  ]);
  const repomd = renderRepomd({ revision: String(timestamp), files: files.map((one) => one.file) });
  return {
    packages,
    repomd: Buffer.from(repomd),
    files: new Map(files.map((one) => [one.file.location, one.content])),
  };
}

/**
 * Answers the packages that metadata written by this program is about, in its order.
 *
 * @throws ApplianceError `REPODATA_DAMAGED`, `REPODATA_TOO_LARGE`
 */
export async function listRepodata(repodata: Repodata): Promise<readonly IndexEntry[]> {
  return (await openIndex(repodata)).shards.flatMap((shard) => shard.entries);
}
