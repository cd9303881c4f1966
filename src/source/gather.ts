import { rm } from "node:fs/promises";
import path from "node:path";
import { parseDescriptor } from "../appliance/index.ts";
import type { Appliance } from "../appliance/index.ts";
import { openTemporaryFolder } from "../lib/atomic.ts";
import type { TemporaryFolder } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import type { DigestAlgorithm } from "../lib/digest.ts";
import { findStandIn } from "./check-files.ts";
import type { SourceShape } from "./classify.ts";
import type { Described } from "./describe.ts";
import { listDescriptor, listDirectory } from "./list-directory.ts";
import type { DirectoryListing } from "./list-directory.ts";
import type { FoundFile, SourceLimits } from "./model.ts";
import { readArchive } from "./read-archive.ts";
import { expandStandIn } from "./stand-in.ts";

/** A file whose place on disk is known. */
export type PlacedFile = FoundFile & { readonly absolutePath: string };

/** A temporary folder that is made when it is needed. */
export class Spool {
  readonly #parent: string;
  #folder: TemporaryFolder | undefined;

  constructor(parent: string) {
    this.#parent = parent;
  }

  async folder(): Promise<string> {
    this.#folder ??= await openTemporaryFolder(this.#parent);
    return this.#folder.path;
  }

  async dispose(): Promise<void> {
    await this.#folder?.[Symbol.asyncDispose]();
  }
}

/** What the files of a source are gathered with. */
export interface Opening {
  readonly context: Context;
  readonly limits: SourceLimits;
  readonly spool: Spool;
}

/** Returns the files of a source: those of a folder where they are, those of an archive spooled. */
export async function gatherFiles(
  origin: string,
  shape: SourceShape,
  { context, limits, spool }: Opening,
): Promise<DirectoryListing> {
  if (shape === "directory") return listDirectory(origin, context, { limits });
  if (shape === "descriptor") return listDescriptor(origin);
  const wanted = new Map<string, readonly DigestAlgorithm[]>();
  const files = await readArchive(origin, context, {
    limits,
    spoolFolder: await spool.folder(),
    digestsOf: (name) => wanted.get(name) ?? [],
    onFile: (file) => {
      for (const [name, algorithms] of wantedDigests(file)) wanted.set(name, algorithms);
    },
  });
  return { files, problems: [] };
}

/** If this file is a descriptor, returns which digests it states of which members. */
function wantedDigests(
  file: FoundFile,
): readonly (readonly [string, readonly DigestAlgorithm[]])[] {
  if (file.xml === undefined || file.xml.bytes.length === 0) return [];
  const { appliance } = parseDescriptor(file.xml.bytes, file.path);
  return (appliance?.disks ?? []).map((disk) => [
    path.join(path.dirname(file.path), disk.file),
    [...new Set(disk.checksums.map(({ type }) => type))],
  ]);
}

/** Returns a file that is known to lie on disk. */
export function placeFile(file: FoundFile): PlacedFile {
  if (file.absolutePath === undefined) throw new TypeError(`${file.path} was only listed`);
  return { ...file, absolutePath: file.absolutePath };
}

/** Returns the files, sorted, with every stand-in replaced by the disk it stands for. */
export async function expandStandIns(
  appliance: Appliance,
  described: Described,
  { context, limits, spool }: Opening,
): Promise<ReadonlyMap<string, PlacedFile>> {
  const files = new Map([...described.files].map(([name, file]) => [name, placeFile(file)]));
  const sizes = new Map([...files].map(([name, { sizeBytes }]) => [name, sizeBytes]));
  for (const disk of appliance.disks) {
    const name = findStandIn(disk, sizes);
    const standIn = name === undefined ? undefined : files.get(name);
    if (name === undefined || standIn === undefined) continue;
    const root = await spool.folder();
    const isSpooled = standIn.absolutePath.startsWith(path.join(root, path.sep));
    const folder = isSpooled ? path.join(root, path.dirname(described.descriptor.path)) : root;
    files.set(disk.file, await expandStandIn(disk, standIn, { folder, limits, context }));
    files.delete(name);
    if (isSpooled) await rm(standIn.absolutePath);
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
