import type { IndexEntry, Shard } from "./shard.ts";
import type { StoredIndex } from "./stored-index.ts";

function fileName(location: string): string {
  return location.slice(location.lastIndexOf("/") + 1);
}

/** createrepo_c's order: by file name, then by folder. Locations are ASCII, so units compare as bytes do. */
export function compareLocations(a: string, b: string): number {
  const left = fileName(a);
  const right = fileName(b);
  if (left !== right) return left < right ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Returns the position of the shard that has, or would have, a location; 0 before the first. */
export function shardAt(shards: readonly Shard[], location: string): number {
  let low = 0;
  let high = shards.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    const shard = shards[middle];
    if (shard !== undefined && compareLocations(shard.first, location) <= 0) low = middle;
    else high = middle;
  }
  return low;
}

/** Returns the package at a location, or undefined. Opens only the shard that may contain it. */
export async function findLocation(
  { shards }: StoredIndex,
  location: string,
): Promise<IndexEntry | undefined> {
  const entries = await shards[shardAt(shards, location)]?.entries();
  return entries?.find((one) => one.location === location);
}

/** Returns all packages whose file names begin with a text. They are adjacent. */
async function findPrefix({ shards }: StoredIndex, prefix: string): Promise<IndexEntry[]> {
  const found: IndexEntry[] = [];
  for (let at = shardAt(shards, prefix); at < shards.length; at += 1) {
    const shard = shards[at];
    const first = fileName(shard?.first ?? "");
    if (first > prefix && !first.startsWith(prefix)) break;
    const entries = (await shard?.entries()) ?? [];
    found.push(...entries.filter((one) => fileName(one.location).startsWith(prefix)));
  }
  return found;
}

/**
 * Returns the packages for a text: NAME-[EPOCH:]VERSION-RELEASE for all architectures, the same with .ARCH, or a file
 * name.
 */
export async function findNamed(index: StoredIndex, text: string): Promise<readonly IndexEntry[]> {
  const wanted = text.replace(/\.rpm$/, "");
  const epoch = /-(\d+):[^-]*-[^-]*$/.exec(wanted)?.[1];
  const nvr = epoch === undefined ? wanted : wanted.replace(`-${epoch}:`, "-");
  // Other parts may be between the release and the architecture.
  const stem = nvr.replaceAll("+", "_");
  const prefixes = [`${stem}.`, `${stem.replace(/\.[^.]*$/, "")}.`];
  const candidates = new Map<string, IndexEntry>();
  for (const prefix of new Set(prefixes)) {
    for (const one of await findPrefix(index, prefix)) candidates.set(one.location, one);
  }
  return [...candidates.values()].filter((one) => {
    const own = `${one.name}-${one.version}-${one.release}`;
    if (epoch !== undefined && epoch !== one.epoch) return false;
    return (
      nvr === own || nvr === `${own}.${one.arch}` || fileName(one.location) === `${wanted}.rpm`
    );
  });
}
