import { createHash } from "node:crypto";
import { ApplianceError } from "../errors.ts";
import { digestOf } from "../lib/bytes/digest.ts";
import { formatSizes } from "../lib/format-size.ts";
import { decodeMember, encodeMember, noteOf, splitMembers, withNote } from "./gzip-member.ts";
import { type MetadataFile, parseRepomd, type Repomd } from "./repomd.ts";
import { type IndexType, indexTypes } from "./render-package.ts";
import {
  decodeFacts,
  encodeFacts,
  factsOf,
  type IndexEntry,
  mapTypes,
  scanPrimary,
  type Shard,
} from "./shard.ts";

/** Maximum bytes of uncompressed metadata in memory, for all kinds together. */
const MAX_OPEN_BYTES = 2 * 1024 * 1024 * 1024;

/** The metadata of a repository as files. */
export interface Repodata {
  /** The document that lists all others. */
  readonly repomd: Uint8Array;
  /** Content by path below the repository's root: `repodata/….xml.gz`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The content of a repository, ready for changes. */
export interface StoredIndex {
  readonly repomd: Repomd | undefined;
  readonly shards: readonly Shard[];
}

function damaged(subject: string, fact: string): ApplianceError {
  return new ApplianceError("REPODATA_DAMAGED", `${subject}: ${fact}`, {
    hint: "another program changed the repository; restore it, or create a new one",
  });
}

/** Returns a metadata file, after checking its size and digest against repomd.xml. */
function verifiedContent(repodata: Repodata, file: MetadataFile): Buffer {
  const content = repodata.files.get(file.location);
  if (content === undefined) throw damaged(file.location, "in repomd.xml, but missing");
  if (content.byteLength !== file.sizeBytes) {
    throw damaged(file.location, `has ${content.byteLength} bytes, expected ${file.sizeBytes}`);
  }
  const found = digestOf(content, file.checksum.type);
  if (found !== file.checksum.hex) {
    throw damaged(
      file.location,
      `${file.checksum.type} is ${found}, expected ${file.checksum.hex}`,
    );
  }
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

interface StoredFile {
  readonly origin: string;
  readonly maxBytes: number;
  /** Those of the shards. */
  readonly members: readonly Buffer[];
}

function splitFile(repodata: Repodata, file: MetadataFile): StoredFile {
  const members = splitMembers(verifiedContent(repodata, file));
  if (members === undefined || members.length < 2) {
    throw damaged(file.location, "was not written by virt-appliance");
  }
  return {
    origin: file.location,
    maxBytes: file.openSizeBytes ?? 0,
    members: members.slice(1, -1),
  };
}

async function scanMember(member: Buffer, file: StoredFile): Promise<readonly IndexEntry[]> {
  const entries = scanPrimary(await decodeMember(member, file));
  if (entries !== undefined && entries.length > 0) return entries;
  throw damaged(file.origin, "was not written by virt-appliance");
}

/**
 * Opens a shard. Its facts are in the note of its member; for shards of an older version, they are extracted from the
 * content.
 */
async function openShard(
  files: Readonly<Record<IndexType, StoredFile>>,
  at: number,
): Promise<Shard> {
  const stored = mapTypes((type): Buffer => {
    const member = files[type].members[at];
    if (member !== undefined) return member;
    throw damaged(files[type].origin, "kinds of metadata differ in their shards");
  });
  let scanned: Promise<readonly IndexEntry[]> | undefined;
  const entries = async (): Promise<readonly IndexEntry[]> =>
    (scanned ??= scanMember(stored.primary, files.primary));
  const noted = decodeFacts(noteOf(stored.primary));
  const facts = noted ?? factsOf(await entries());
  const primary =
    noted === undefined ? withNote(stored.primary, encodeFacts(facts)) : stored.primary;
  return {
    ...facts,
    entries,
    content: (type) => decodeMember(stored[type], files[type]),
    members: { ...stored, primary },
  };
}

/**
 * Opens metadata that virt-appliance wrote, after comparing every file with repomd.xml.
 *
 * @throws ApplianceError `REPODATA_DAMAGED`, `REPODATA_TOO_LARGE`
 */
export async function openIndex(repodata: Repodata | undefined): Promise<StoredIndex> {
  if (repodata === undefined) return { repomd: undefined, shards: [] };
  const repomd = parseRepomd(repodata.repomd, "repomd.xml");
  const files = mapTypes((type) => {
    const file = repomd.files.find((one) => one.type === type);
    if (file === undefined) throw damaged("repomd.xml", `has no file of type ${type}`);
    return file;
  });
  const openBytes = indexTypes.reduce((sum, type) => sum + (files[type].openSizeBytes ?? 0), 0);
  if (openBytes > MAX_OPEN_BYTES) {
    const [found, most] = formatSizes(openBytes, MAX_OPEN_BYTES);
    throw new ApplianceError(
      "REPODATA_TOO_LARGE",
      `repomd.xml: metadata of ${found}, expected at most ${most}`,
    );
  }
  const stored = mapTypes((type) => splitFile(repodata, files[type]));
  if (indexTypes.some((type) => stored[type].members.length !== stored.primary.members.length)) {
    throw damaged(files.primary.location, "kinds of metadata differ in their shards");
  }
  const shards = await Promise.all(stored.primary.members.map((_, at) => openShard(stored, at)));
  return { repomd, shards };
}

const roots: Readonly<Record<IndexType, { readonly name: string; readonly namespaces: string }>> = {
  primary: {
    name: "metadata",
    namespaces:
      'xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm"',
  },
  filelists: { name: "filelists", namespaces: 'xmlns="http://linux.duke.edu/metadata/filelists"' },
  other: { name: "otherdata", namespaces: 'xmlns="http://linux.duke.edu/metadata/other"' },
};

/** One kind of metadata as a file. */
export interface IndexFile {
  readonly file: MetadataFile;
  readonly content: Buffer;
}

/** Number of members that are opened ahead of the current one. */
const AHEAD = 8;

/** Yields the contents of all shards in order. Opens a few ahead. */
async function* contentsOf(shards: readonly Shard[], type: IndexType): AsyncGenerator<Buffer> {
  const ahead: Promise<Buffer>[] = [];
  let next = 0;
  while (next < shards.length || ahead.length > 0) {
    const shard = shards[next];
    if (shard !== undefined && ahead.length < AHEAD) {
      const content = shard.content(type);
      // Awaited below, or not at all if an earlier one is damaged.
      content.catch(() => undefined);
      ahead.push(content);
      next += 1;
      continue;
    }
    const content = await ahead.shift();
    if (content !== undefined) yield content;
  }
}

async function memberOf(shard: Shard, type: IndexType): Promise<Buffer> {
  const stored = shard.members?.[type];
  if (stored !== undefined) return stored;
  const note = type === "primary" ? encodeFacts(shard) : Buffer.alloc(0);
  return encodeMember(await shard.content(type), note);
}

/** Returns one kind of metadata as a file: a member for the head, one for each shard, one for the end. */
export async function encodeIndex(
  type: IndexType,
  shards: readonly Shard[],
  timestampSeconds: number,
): Promise<IndexFile> {
  const { name, namespaces } = roots[type];
  const packages = shards.reduce((sum, shard) => sum + shard.packages, 0);
  const head = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<${name} ${namespaces} packages="${packages}">\n`,
  );
  const end = Buffer.from(`</${name}>`);
  const members = Promise.all([
    encodeMember(head),
    ...shards.map((shard) => memberOf(shard, type)),
    encodeMember(end),
  ]);
  // Awaited below, or not at all if a shard is damaged.
  members.catch(() => undefined);
  const open = createHash("sha256").update(head);
  let openSizeBytes = head.length + end.length;
  for await (const content of contentsOf(shards, type)) {
    open.update(content);
    openSizeBytes += content.length;
  }
  open.update(end);
  const content = Buffer.concat(await members);
  const hex = digestOf(content);
  return {
    content,
    file: {
      type,
      location: `repodata/${hex}-${type}.xml.gz`,
      checksum: { type: "sha256", hex },
      openChecksum: { type: "sha256", hex: open.digest("hex") },
      timestampSeconds,
      sizeBytes: content.length,
      openSizeBytes,
    },
  };
}
