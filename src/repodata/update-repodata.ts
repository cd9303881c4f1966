import { ApplianceError } from "../errors.ts";
import type { PackageRecord } from "./package-record.ts";
import { renderPackage } from "./render-package.ts";
import { renderRepomd } from "./repomd.ts";
import { buildShards, type Shard, type ShardItem } from "./shard.ts";
import { compareLocations, shardAt } from "./find-entries.ts";
import { encodeIndex, openIndex, type Repodata, type StoredIndex } from "./stored-index.ts";

/** Changes of a repository. */
export interface RepodataChange {
  readonly add?: readonly PackageRecord[];
  /** Locations, below the repository's root, of packages to remove. */
  readonly remove?: readonly string[];
}

/** Metadata together with its index. */
export interface UpdatedRepodata extends Repodata {
  /** Number of packages in it. */
  readonly packages: number;
}

function addedItem(record: PackageRecord): ShardItem {
  // eslint-disable-next-line no-control-regex -- the range of ASCII without space
  if (!/^[!-~]+$/.test(record.location) || /[<>&"]/.test(record.location)) {
    throw new TypeError(`location "${record.location}" is not plain ASCII`);
  }
  const { name, version, release, arch, location, pkgid, sizeBytes, buildTimeSeconds } = record;
  const identity = { name, epoch: String(record.epoch), version, release, arch };
  const entry = { ...identity, location, pkgid, sizeBytes, buildTimeSeconds };
  return { entry, chunks: renderPackage(record) };
}

async function keptItems(shard: Shard, remove: ReadonlySet<string>): Promise<ShardItem[]> {
  const items: ShardItem[] = [];
  for (const [position, entry] of (await shard.entries()).entries()) {
    if (!remove.has(entry.location)) items.push({ entry, shard, position });
  }
  return items;
}

/**
 * Returns the shards that a change affects. A shard that loses its first package may have to be merged with the one
 * before it.
 */
function touchedShards(
  shards: readonly Shard[],
  added: readonly ShardItem[],
  remove: ReadonlySet<string>,
): ReadonlySet<number> {
  const touched = new Set(added.map((item) => shardAt(shards, item.entry.location)));
  for (const location of remove) {
    const at = shardAt(shards, location);
    touched.add(at);
    if (at > 0 && shards[at]?.first === location) touched.add(at - 1);
  }
  return touched;
}

/** Returns the shards after a change. Unaffected shards are not opened. */
async function changeShards(
  { shards }: StoredIndex,
  added: readonly ShardItem[],
  remove: ReadonlySet<string>,
): Promise<Shard[]> {
  if (shards.length === 0) return buildShards(added);
  const touched = touchedShards(shards, added, remove);
  const addedTo = new Map<number, ShardItem[]>();
  for (const item of added) {
    const at = shardAt(shards, item.entry.location);
    const items = addedTo.get(at) ?? [];
    if (items.length === 0) addedTo.set(at, items);
    items.push(item);
  }
  const changed: Shard[] = [];
  let run: ShardItem[] = [];
  for (const [at, shard] of shards.entries()) {
    if (touched.has(at)) {
      for (const item of mergeItems(await keptItems(shard, remove), addedTo.get(at) ?? [])) {
        run.push(item);
      }
      continue;
    }
    changed.push(...(await buildShards(run)), shard);
    run = [];
  }
  return [...changed, ...(await buildShards(run))];
}

/** Merges sorted items with a few new ones. */
function mergeItems(kept: readonly ShardItem[], added: readonly ShardItem[]): ShardItem[] {
  const merged: ShardItem[] = [];
  let next = 0;
  for (const item of added) {
    for (;;) {
      const one = kept[next];
      if (one === undefined) break;
      const order = compareLocations(one.entry.location, item.entry.location);
      if (order > 0) break;
      if (order === 0) throw new TypeError(`${item.entry.location} already exists`);
      merged.push(one);
      next += 1;
    }
    merged.push(item);
  }
  return [...merged, ...kept.slice(next)];
}

function revisionOf(
  shards: readonly Shard[],
  previous: string | undefined,
  given: number | undefined,
): number {
  if (given !== undefined) return given;
  const before = /^\d{1,15}$/.test(previous ?? "") ? Number(previous) : 0;
  return shards.reduce((newest, one) => Math.max(newest, one.newestSeconds), before);
}

/**
 * Returns the metadata of a repository after a change. Packages that are kept are not read: their elements are copied
 * from the existing metadata. The same packages give the same primary, filelists and other, in any order of additions.
 *
 * @param previous  metadata that this function returned earlier, opened or not; undefined for a new repository
 * @param options.timestampSeconds  revision and time of all files. Default: the build time of the newest package, but
 *   at least the previous revision
 * @throws ApplianceError `REPODATA_DAMAGED` if `previous` does not match its repomd.xml, `REPODATA_BAD_TEXT`,
 *   `REPODATA_TOO_LARGE`, `LIB_INTERRUPTED`
 */
export async function updateRepodata(
  previous: Repodata | StoredIndex | undefined,
  change: RepodataChange,
  options: { readonly timestampSeconds?: number | undefined; readonly signal?: AbortSignal } = {},
): Promise<UpdatedRepodata> {
  const index =
    previous !== undefined && "shards" in previous ? previous : await openIndex(previous);
  const added = (change.add ?? [])
    .map(addedItem)
    .sort((a, b) => compareLocations(a.entry.location, b.entry.location));
  const shards = await changeShards(index, added, new Set(change.remove));
  const timestamp = revisionOf(shards, index.repomd?.revision, options.timestampSeconds);
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
    packages: shards.reduce((sum, shard) => sum + shard.packages, 0),
    repomd: Buffer.from(repomd),
    files: new Map(files.map((one) => [one.file.location, one.content])),
  };
}
