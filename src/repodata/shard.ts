import { indexTypes } from "./render-package.ts";
import type { IndexType, PackageChunks } from "./render-package.ts";

/** One shard begins at a package in this many, on average. */
const MEAN_PACKAGES = 256;

/** What the index needs to know of a package to keep, list or drop it. */
export interface IndexEntry {
  /** Path below the repository's root. */
  readonly location: string;
  /** SHA-256 of the file, lower-case hex. */
  readonly pkgid: string;
  readonly sizeBytes: number;
  readonly buildTimeSeconds: number;
}

/** A run of packages whose elements lie together, and are one gzip member in each kind of metadata. */
export interface Shard {
  readonly entries: readonly IndexEntry[];
  readonly content: Readonly<Record<IndexType, Buffer>>;
  /** The members; absent when they are yet to be made. */
  readonly members?: Readonly<Record<IndexType, Buffer>>;
}

/** FNV-1a over UTF-16 units with a final mix: cheap, and even enough to choose one in {@link MEAN_PACKAGES}. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/**
 * Whether a package begins a shard. The package alone decides, so the same packages always fall into the same shards,
 * in whatever order they came; and a package that comes or goes changes no shard but its own and, at most, the next.
 */
export function beginsShard(location: string): boolean {
  return hashOf(location) % MEAN_PACKAGES === 0;
}

const CHUNK_END = "</package>\n";

/** Cuts the content of a shard into the elements of its packages. `<` is escaped everywhere but in tags. */
export function splitChunks(content: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < content.length;) {
    const found = content.indexOf(CHUNK_END, at, "latin1");
    const end = found === -1 ? content.length : found + CHUNK_END.length;
    chunks.push(content.subarray(at, end));
    at = end;
  }
  return chunks;
}

function between(
  text: string,
  marks: readonly [string, string],
  from: number,
): { readonly value: string; readonly end: number } | undefined {
  const found = text.indexOf(marks[0], from);
  if (found === -1) return undefined;
  const start = found + marks[0].length;
  const end = text.indexOf(marks[1], start);
  return end === -1 ? undefined : { value: text.slice(start, end), end };
}

/** Answers what a shard of primary metadata holds, or undefined when it was not written by us. */
export function scanPrimary(content: Buffer): IndexEntry[] | undefined {
  const text = content.toString("latin1");
  const entries: IndexEntry[] = [];
  let at = 0;
  while (at < text.length) {
    const pkgid = between(text, ['pkgid="YES">', "<"], at);
    const build = pkgid && between(text, ['" build="', '"'], pkgid.end);
    const size = build && between(text, ['<size package="', '"'], build.end);
    const location = size && between(text, ['<location href="', '"'], size.end);
    const end = location === undefined ? -1 : text.indexOf(CHUNK_END, location.end);
    if (end === -1 || !pkgid || !build || !size || !location) return undefined;
    entries.push({
      location: location.value,
      pkgid: pkgid.value,
      sizeBytes: Number(size.value),
      buildTimeSeconds: Number(build.value),
    });
    at = end + CHUNK_END.length;
  }
  return entries;
}

/** A package on its way into shards: rendered now, or part of a shard that exists. */
export type ShardItem = {
  readonly entry: IndexEntry;
} & ({ readonly chunks: PackageChunks } | { readonly shard: Shard; readonly position: number });

/** Answers the items as shards; a shard that did not change is passed on as it is. */
export function buildShards(items: readonly ShardItem[]): Shard[] {
  const groups: ShardItem[][] = [];
  for (const item of items) {
    const group = groups.at(-1);
    if (group === undefined || beginsShard(item.entry.location)) groups.push([item]);
    else group.push(item);
  }
  const cut = new Map<Shard, Record<IndexType, readonly Buffer[]>>();
  const chunkOf = (item: ShardItem, type: IndexType): Buffer => {
    if ("chunks" in item) return Buffer.from(item.chunks[type]);
    const known = cut.get(item.shard) ?? mapTypes((one) => splitChunks(item.shard.content[one]));
    cut.set(item.shard, known);
    const chunk = known[type][item.position];
    if (chunk === undefined) throw new TypeError("a shard holds a chunk for each of its entries");
    return chunk;
  };
  return groups.map((group) => {
    const old = unchanged(group);
    if (old !== undefined) return old;
    return {
      entries: group.map((item) => item.entry),
      content: mapTypes((type) => Buffer.concat(group.map((item) => chunkOf(item, type)))),
    };
  });
}

function unchanged(group: readonly ShardItem[]): Shard | undefined {
  const first = group[0];
  if (first === undefined || "chunks" in first) return undefined;
  const { shard } = first;
  const same =
    shard.entries.length === group.length &&
    group.every((item, i) => "shard" in item && item.shard === shard && item.position === i);
  return same ? shard : undefined;
}

/** Answers a value for each kind of metadata. */
export function mapTypes<T>(make: (type: IndexType) => T): Record<IndexType, T> {
  const [primary, filelists, other] = indexTypes;
  return { primary: make(primary), filelists: make(filelists), other: make(other) };
}
