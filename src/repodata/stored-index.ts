import { createHash } from "node:crypto";
import { ApplianceError } from "../errors.ts";
import { digestOf } from "../lib/digest.ts";
import { decodeMember, encodeMember, splitMembers } from "./gzip-member.ts";
import { parseRepomd } from "./repomd.ts";
import type { MetadataFile, Repomd } from "./repomd.ts";
import { indexTypes } from "./render-package.ts";
import type { IndexType } from "./render-package.ts";
import { mapTypes, scanPrimary } from "./shard.ts";
import type { Shard } from "./shard.ts";

/** Most bytes of open metadata that are held at once, all kinds together. */
const MAX_OPEN_BYTES = 2 * 1024 * 1024 * 1024;

/** The metadata of a repository as files. */
export interface Repodata {
  /** The document that names all others. */
  readonly repomd: Uint8Array;
  /** Content by path below the repository's root: `repodata/….xml.gz`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** What a repository holds, ready to be changed. */
export interface StoredIndex {
  readonly repomd: Repomd | undefined;
  readonly shards: readonly Shard[];
}

function damaged(subject: string, fact: string): ApplianceError {
  return new ApplianceError("REPODATA_DAMAGED", `${subject}: ${fact}`, {
    hint: "the repository was changed by another program; restore it, or make a new one",
  });
}

/** Answers a file of the metadata, its size and digest being what repomd.xml says. */
function verifiedContent(repodata: Repodata, file: MetadataFile): Buffer {
  const content = repodata.files.get(file.location);
  if (content === undefined) throw damaged(file.location, "named by repomd.xml, but not there");
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

interface OpenFile {
  readonly members: readonly Buffer[];
  readonly contents: readonly Buffer[];
}

async function openFile(repodata: Repodata, file: MetadataFile): Promise<OpenFile> {
  const members = splitMembers(verifiedContent(repodata, file));
  if (members === undefined || members.length < 2) {
    throw damaged(file.location, "was not written by this program");
  }
  const options = { origin: file.location, maxBytes: file.openSizeBytes ?? 0 };
  const contents = await Promise.all(members.map((member) => decodeMember(member, options)));
  return { members: members.slice(1, -1), contents: contents.slice(1, -1) };
}

function takeShards(files: Readonly<Record<IndexType, OpenFile>>, origin: string): Shard[] {
  const { primary, filelists, other } = files;
  return primary.contents.map((content, i) => {
    const entries = scanPrimary(content);
    const take = (list: readonly (Buffer | undefined)[]): Buffer => {
      const found = list[i];
      if (found === undefined) throw damaged(origin, "kinds of metadata differ in their shards");
      return found;
    };
    if (entries === undefined) throw damaged(origin, "was not written by this program");
    return {
      entries,
      content: {
        primary: content,
        filelists: take(filelists.contents),
        other: take(other.contents),
      },
      members: {
        primary: take(primary.members),
        filelists: take(filelists.members),
        other: take(other.members),
      },
    };
  });
}

/**
 * Opens metadata that this program wrote, having compared every file with what repomd.xml says.
 *
 * @throws ApplianceError `REPODATA_DAMAGED`, `REPODATA_TOO_LARGE`
 */
export async function openIndex(repodata: Repodata | undefined): Promise<StoredIndex> {
  if (repodata === undefined) return { repomd: undefined, shards: [] };
  const repomd = parseRepomd(repodata.repomd, "repomd.xml");
  const files = mapTypes((type) => {
    const file = repomd.files.find((one) => one.type === type);
    if (file === undefined) throw damaged("repomd.xml", `names no file of type ${type}`);
    return file;
  });
  const openBytes = indexTypes.reduce((sum, type) => sum + (files[type].openSizeBytes ?? 0), 0);
  if (openBytes > MAX_OPEN_BYTES) {
    throw new ApplianceError(
      "REPODATA_TOO_LARGE",
      `repomd.xml: metadata has ${openBytes} bytes, expected at most ${MAX_OPEN_BYTES}`,
    );
  }
  const [primary, filelists, other] = await Promise.all([
    openFile(repodata, files.primary),
    openFile(repodata, files.filelists),
    openFile(repodata, files.other),
  ]);
  const shards = takeShards({ primary, filelists, other }, files.primary.location);
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

/** Answers one kind of metadata as a file: a member for its head, one for each shard, one for its end. */
export async function encodeIndex(
  type: IndexType,
  shards: readonly Shard[],
  timestampSeconds: number,
): Promise<IndexFile> {
  const { name, namespaces } = roots[type];
  const packages = shards.reduce((sum, shard) => sum + shard.entries.length, 0);
  const head = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<${name} ${namespaces} packages="${packages}">\n`,
  );
  const end = Buffer.from(`</${name}>`);
  const members = Promise.all([
    encodeMember(head),
    ...shards.map((shard) => shard.members?.[type] ?? encodeMember(shard.content[type])),
    encodeMember(end),
  ]);
  const open = createHash("sha256");
  let openSizeBytes = 0;
  for (const content of [head, ...shards.map((shard) => shard.content[type]), end]) {
    open.update(content);
    openSizeBytes += content.length;
  }
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
