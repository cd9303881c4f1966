import { rm } from "node:fs/promises";
import path from "node:path";
import { parseDescriptor } from "../appliance/index.ts";
import type { Appliance } from "../appliance/index.ts";
import { openTemporaryFolder } from "../lib/atomic.ts";
import type { TemporaryFolder } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import type { DigestAlgorithm } from "../lib/digest.ts";
import { checkFiles, findStandIn } from "./check-files.ts";
import { classifySource } from "./classify.ts";
import type { SourceShape } from "./classify.ts";
import { describeFiles } from "./describe.ts";
import type { Described } from "./describe.ts";
import { rootElementName } from "./find-descriptor.ts";
import { listDescriptor, listDirectory } from "./list-directory.ts";
import type { DirectoryListing } from "./list-directory.ts";
import { defaultSourceLimits } from "./model.ts";
import type { FoundFile, Source, SourceFile, SourceLimits } from "./model.ts";
import { readArchive } from "./read-archive.ts";
import { refuseErrors } from "./refuse-problems.ts";
import { expandStandIn } from "./stand-in.ts";
import { verifyChecksums } from "./verify-checksums.ts";

/** How a source is opened. */
export interface OpenSourceOptions extends Partial<SourceLimits> {
  /** Where a tarball is spooled, the context's temporary folder unless told. */
  readonly temporaryFolder?: string;
}

/** A file whose place on disk is known. */
type PlacedFile = FoundFile & { readonly absolutePath: string };

/**
 * Opens an appliance: a tarball (plain, gzip, xz, zstd, bzip2, told by content), a folder, or a descriptor beside its
 * files. A tarball is read once and spooled, sparse, into a temporary folder; a folder is used in place and never
 * changed. A disk that is there only compressed (`disk.raw.xz`) is expanded under its own name.
 *
 * Checksums in the descriptor are verified: while spooling when the descriptor comes before the disks in the archive,
 * by reading the spooled disk once more otherwise. Disks without checksum are not digested.
 *
 * @returns the appliance and its files; the caller disposes of it, which removes what was spooled
 * @throws ApplianceError `SOURCE_*` with every error found; `LIB_TAR_*`, `LIB_COMPRESSED_CORRUPT`, `LIB_UNSAFE_PATH`,
 *   `LIB_LIMIT_EXCEEDED`, `LIB_EXEC_MISSING`, `LIB_NO_SPACE`, `LIB_INTERRUPTED`; nothing is left behind then
 */
export async function openSource(
  origin: string,
  context: Context,
  options: OpenSourceOptions = {},
): Promise<Source> {
  const limits = { ...defaultSourceLimits, ...options };
  const shape = await classifySource(origin);
  const spool = new Spool(options.temporaryFolder ?? context.temporaryFolder);
  try {
    const listing = await gather(origin, shape, { context, limits, spool });
    const described = describeFiles(listing.files, origin);
    const problems = [...listing.problems, ...described.problems];
    if (described.appliance === undefined) {
      refuseErrors(problems, origin);
      throw new TypeError("a descriptor without appliance has an error");
    }
    const { appliance } = described;
    const files = await expandStandIns(appliance, described, { context, limits, spool });
    const sizes = new Map([...files].map(([name, { sizeBytes }]) => [name, sizeBytes]));
    const checksums = await verifyChecksums(appliance, files, context);
    problems.push(
      ...checkFiles(appliance, sizes, {
        where: shape === "archive" ? "archive" : "folder",
        descriptor: path.basename(described.descriptor.path),
      }),
      ...checksums.problems,
    );
    const descriptorPath = placed(described.descriptor).absolutePath;
    return {
      origin,
      kind: shape === "archive" ? "tarball" : "directory",
      appliance,
      problems: refuseErrors(problems, origin),
      descriptorText: described.descriptorText,
      descriptorPath,
      folder: path.dirname(descriptorPath),
      files: [...files].map(([name, file]): SourceFile => {
        const digests = checksums.digests.get(name) ?? file.digests;
        const { absolutePath, sizeBytes } = file;
        return { path: name, absolutePath, sizeBytes, sha256: digests.sha256 };
      }),
      [Symbol.asyncDispose]: () => spool.dispose(),
    };
  } catch (error) {
    await spool.dispose();
    throw error;
  }
}

/** A temporary folder that is made when it is needed. */
class Spool {
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

interface Opening {
  readonly context: Context;
  readonly limits: SourceLimits;
  readonly spool: Spool;
}

async function gather(
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

/** If this file is a descriptor, answers which digests it states of which members. */
function wantedDigests(
  file: FoundFile,
): readonly (readonly [string, readonly DigestAlgorithm[]])[] {
  if (file.descriptorBytes === undefined) return [];
  if (rootElementName(file.descriptorBytes) !== "image") return [];
  const { appliance } = parseDescriptor(file.descriptorBytes, file.path);
  return (appliance?.disks ?? []).map((disk) => [
    path.join(path.dirname(file.path), disk.file),
    [...new Set(disk.checksums.map(({ type }) => type))],
  ]);
}

function placed(file: FoundFile): PlacedFile {
  if (file.absolutePath === undefined) throw new TypeError(`${file.path} was only listed`);
  return { ...file, absolutePath: file.absolutePath };
}

/** Answers the files with every stand-in replaced by the disk it stands for. */
async function expandStandIns(
  appliance: Appliance,
  described: Described,
  { context, limits, spool }: Opening,
): Promise<ReadonlyMap<string, PlacedFile>> {
  const files = new Map([...described.files].map(([name, file]) => [name, placed(file)]));
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
