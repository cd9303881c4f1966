import { type IndexType, indexTypes, type PackageChunks } from "./render-package.ts";

/** Average number of packages in a shard. */
const MEAN_PACKAGES = 256;

/** Facts about a package that the index needs to keep, list or drop it. */
export interface IndexEntry {
  readonly name: string;
  readonly epoch: string;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  /** Path below the repository's root. */
  readonly location: string;
  /** SHA-256 of the file, lower-case hex. */
  readonly pkgid: string;
  readonly sizeBytes: number;
  readonly buildTimeSeconds: number;
}

/** Facts about a shard that is not opened. */
export interface ShardFacts {
  readonly packages: number;
  /** Location of its first package. */
  readonly first: string;
  readonly newestSeconds: number;
}

/** A run of adjacent packages, whose elements are one gzip member in each kind of metadata. */
export interface Shard extends ShardFacts {
  entries(): Promise<readonly IndexEntry[]>;
  /** The elements of all its packages; not kept, because they may be gigabytes. */
  content(type: IndexType): Promise<Buffer>;
  /** The members; absent until they are created. */
  readonly members?: Readonly<Record<IndexType, Buffer>>;
}

/** Returns the facts of a shard with these packages. */
export function factsOf(entries: readonly IndexEntry[]): ShardFacts {
  return {
    packages: entries.length,
    first: entries[0]?.location ?? "",
    newestSeconds: entries.reduce((newest, one) => Math.max(newest, one.buildTimeSeconds), 0),
  };
}

/** Returns facts as the note of a member, in ASCII: `packages newestSeconds first`. */
export function encodeFacts({ packages, newestSeconds, first }: ShardFacts): Buffer {
  return Buffer.from(`${packages} ${newestSeconds} ${first}`);
}

/** Returns the facts in a note; undefined for any other note. */
export function decodeFacts(note: Buffer): ShardFacts | undefined {
  const match = /^(\d{1,9}) (\d{1,15}) (\S+)$/.exec(note.toString("latin1"));
  const [, packages, newestSeconds, first] = match ?? [];
  if (first === undefined) return undefined;
  return { packages: Number(packages), newestSeconds: Number(newestSeconds), first };
}

/** FNV-1a over UTF-16 units with a final mix: fast, and even enough to choose one in {@link MEAN_PACKAGES}. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/**
 * Returns whether a package begins a shard. This depends only on the package, so the same packages always form the same
 * shards, in any order of additions. Adding or removing a package changes only its own shard and, at most, the next
 * one.
 */
export function beginsShard(location: string): boolean {
  return hashOf(location) % MEAN_PACKAGES === 0;
}

const CHUNK_END = "</package>\n";

/** Splits the content of a shard into the elements of its packages. `<` is escaped everywhere except in tags. */
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

/** Returns the packages in a shard of primary metadata; undefined if virt-appliance did not write it. */
export function scanPrimary(content: Buffer): IndexEntry[] | undefined {
  const text = content.toString("latin1");
  const entries: IndexEntry[] = [];
  let at = 0;
  while (at < text.length) {
    const values: string[] = [];
    let end = at;
    for (const marks of scanned) {
      const found = between(text, marks, end);
      if (found === undefined) return undefined;
      values.push(found.value);
      ({ end } = found);
    }
    end = text.indexOf(CHUNK_END, end);
    if (end === -1) return undefined;
    entries.push(entryOf(values));
    at = end + CHUNK_END.length;
  }
  return entries;
}

/** Text before and after each extracted value, in the order of the element. No value is escaped: see `addedItem`. */
const scanned: readonly (readonly [string, string])[] = [
  ["<name>", "<"],
  ["<arch>", "<"],
  ['<version epoch="', '"'],
  ['ver="', '"'],
  ['rel="', '"'],
  ['pkgid="YES">', "<"],
  ['" build="', '"'],
  ['<size package="', '"'],
  ['<location href="', '"'],
];

function entryOf(values: readonly string[]): IndexEntry {
  const [name = "", arch = "", epoch = "", version = "", release = ""] = values;
  const [pkgid = "", build, size, location = ""] = values.slice(5);
  return {
    name,
    epoch,
    version,
    release,
    arch,
    location,
    pkgid,
    sizeBytes: Number(size),
    buildTimeSeconds: Number(build),
  };
}

/** A package on its way into shards: rendered now, or part of a shard that exists. */
export type ShardItem = {
  readonly entry: IndexEntry;
} & ({ readonly chunks: PackageChunks } | { readonly shard: Shard; readonly position: number });

/** Returns adjacent items as shards. An unchanged shard is reused. */
export async function buildShards(items: readonly ShardItem[]): Promise<Shard[]> {
  const groups: ShardItem[][] = [];
  for (const item of items) {
    const group = groups.at(-1);
    if (group === undefined || beginsShard(item.entry.location)) groups.push([item]);
    else group.push(item);
  }
  const cut = new Map<Shard, Record<IndexType, readonly Buffer[]>>();
  const shards: Shard[] = [];
  for (const group of groups) {
    for (const item of group) {
      if ("shard" in item && !cut.has(item.shard)) cut.set(item.shard, await cutShard(item.shard));
    }
    shards.push(unchanged(group) ?? newShard(group, cut));
  }
  return shards;
}

async function cutShard(shard: Shard): Promise<Record<IndexType, readonly Buffer[]>> {
  const [primary, filelists, other] = await Promise.all(
    indexTypes.map(async (type) => splitChunks(await shard.content(type))),
  );
  return { primary: primary ?? [], filelists: filelists ?? [], other: other ?? [] };
}

function newShard(
  group: readonly ShardItem[],
  cut: ReadonlyMap<Shard, Record<IndexType, readonly Buffer[]>>,
): Shard {
  const chunkOf = (item: ShardItem, type: IndexType): Buffer => {
    if ("chunks" in item) return Buffer.from(item.chunks[type]);
    const chunk = cut.get(item.shard)?.[type][item.position];
    if (chunk === undefined) throw new TypeError("a shard holds a chunk for each of its entries");
    return chunk;
  };
  const entries = group.map((item) => item.entry);
  const content = mapTypes((type) => Buffer.concat(group.map((item) => chunkOf(item, type))));
  return {
    ...factsOf(entries),
    entries: async () => entries,
    content: async (type) => content[type],
  };
}

function unchanged(group: readonly ShardItem[]): Shard | undefined {
  const first = group[0];
  if (first === undefined || "chunks" in first) return undefined;
  const { shard } = first;
  const same =
    shard.packages === group.length &&
    group.every((item, i) => "shard" in item && item.shard === shard && item.position === i);
  return same ? shard : undefined;
}

/** Returns a value for each kind of metadata. */
export function mapTypes<T>(make: (type: IndexType) => T): Record<IndexType, T> {
  const [primary, filelists, other] = indexTypes;
  return { primary: make(primary), filelists: make(filelists), other: make(other) };
}
