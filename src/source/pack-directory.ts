import path from "node:path";
import { type Appliance, type Problem, renderDescriptor } from "../appliance/index.ts";
import { ApplianceError } from "../errors.ts";
import { writeAtomically } from "../lib/atomic.ts";
import { type WritableCompression, writeCompressed } from "../lib/bytes/compress-write.ts";
import type { Context } from "../lib/context.ts";
import { keysOf } from "../lib/keys-of.ts";
import type { DigestAlgorithm } from "../lib/bytes/digest.ts";
import { readScanned, scanSparse, type SparseScan } from "../lib/sparse/scan.ts";
import { type TarMember, writeTar } from "../lib/tar/write.ts";
import { refuseBadDisks } from "./check-disks.ts";
import { checkFiles } from "./check-files.ts";
import { expandStandIns, type PlacedFile } from "./expand-stand-ins.ts";
import type { OpenInput } from "./kinds/kind.ts";
import { recogniseSource } from "./kinds/recognise.ts";
import { defaultSourceLimits } from "./model.ts";
import { archiveFolder, describePacked, parentFolders, selectFiles } from "./pack-plan.ts";
import { refuseErrors } from "./refuse-problems.ts";
import { Spool } from "./spool.ts";
import { verifyChecksums } from "./verify-checksums.ts";

/** Default modification time of members: 1980-01-01, the earliest that every archiver supports. */
export const DEFAULT_DATE_SECONDS: number = 315_532_800;

/** Options for packing a folder. */
export interface PackOptions {
  /** Modification time of all members (SOURCE_DATE_EPOCH), Unix seconds. Default: the descriptor's date. */
  readonly dateSeconds?: number | undefined;
  /** Called with the complete tarball before it replaces an existing file; if it throws, the existing file is kept. */
  readonly beforeReplacing?: (tarball: string) => Promise<void>;
}

/** The packed appliance. */
export interface PackResult {
  readonly path: string;
  /** The appliance as described in the archive. */
  readonly appliance: Appliance;
  /** Warnings, including files that were left out. */
  readonly problems: readonly Problem[];
}

const suffixes: Readonly<Record<WritableCompression, RegExp>> = {
  none: /\.tar$/,
  gzip: /\.(tar\.gz|tgz)$/,
  xz: /\.(tar\.xz|txz)$/,
  zstd: /\.(tar\.zst|tzst)$/,
};

/**
 * Returns the compression that a tarball's name asks for.
 *
 * @throws ApplianceError `SOURCE_UNKNOWN_SUFFIX`
 */
export function compressionOf(output: string): WritableCompression {
  const found = keysOf(suffixes).find((each) => suffixes[each].test(output));
  if (found !== undefined) return found;
  throw new ApplianceError(
    "SOURCE_UNKNOWN_SUFFIX",
    `${output}: unknown suffix, expected .tar, .tar.gz, .tgz, .tar.xz or .tar.zst`,
  );
}

/**
 * Packs an appliance folder into a tarball: `NAME-VERSION/` with the descriptor in canonical form first, then the files
 * that it names, sparse. Scratch disks are left out. SHA-256 checksums and sizes are written into the descriptor. The
 * same input gives the same bytes. GNU tar, bsdtar and {@link openSource} unpack it.
 *
 * Every disk is read twice: checksums and holes must be known before its first byte can be written.
 *
 * @param output  its suffix selects the compression; it appears complete or not at all
 * @throws ApplianceError as {@link openSource}, `IMAGE_*` for a disk that `build` would refuse, `SOURCE_UNKNOWN_SUFFIX`, `LIB_FILE_CHANGED`
 */
export async function packDirectory(
  directory: string,
  output: string,
  options: PackOptions & { readonly context: Context },
): Promise<PackResult> {
  const { context } = options;
  const compression = compressionOf(output);
  const spool = new Spool(path.dirname(path.resolve(output)));
  try {
    const opening = { context, limits: defaultSourceLimits, spool };
    const { appliance, descriptorName, scans, problems } = await readDirectory(directory, opening);
    const members = planMembers(appliance, { descriptorName, scans, context });
    const mtimeSeconds = options.dateSeconds ?? appliance.dateSeconds ?? DEFAULT_DATE_SECONDS;
    await writeAtomically(output, async (handle, temporary) => {
      const archive = writeTar(members, { mtimeSeconds });
      await writeCompressed(archive, handle, { compression, context });
      await options.beforeReplacing?.(temporary);
    });
    return { path: output, appliance, problems };
  } finally {
    await spool.dispose();
  }
}

interface PackInput {
  readonly appliance: Appliance;
  readonly descriptorName: string;
  /** By path, sorted. */
  readonly scans: ReadonlyMap<string, SparseScan>;
  readonly problems: readonly Problem[];
}

/** Reads a folder once: finds the files to pack, maps their data, and compares them with the descriptor. */
async function readDirectory(directory: string, opening: OpenInput): Promise<PackInput> {
  const kind = await recogniseSource(directory);
  if (kind.isSpooled) {
    throw new ApplianceError("SOURCE_UNKNOWN_FORMAT", `${directory}: not a folder, expected one`);
  }
  const described = kind.describe(await kind.open(directory, opening), directory);
  const problems = [...described.problems];
  const descriptorName = path.basename(described.descriptor.path);
  const { appliance } = described;
  if (appliance === undefined) {
    refuseErrors(problems, directory);
    throw new TypeError("a descriptor without appliance has an error");
  }
  const files = await expandStandIns(appliance, described, opening);
  const sizes = new Map([...files].map(([name, { sizeBytes }]) => [name, sizeBytes]));
  const check = { where: kind.place, descriptor: descriptorName };
  problems.push(...checkFiles(appliance, sizes, check));
  refuseErrors(problems, directory);
  problems.push(...(await refuseBadDisks(appliance, files, directory)));
  const scans = await scanFiles(appliance, files, opening.context);
  const known = new Map(
    [...files].map(([name, file]) => {
      const digests = scans.get(name)?.digests ?? file.digests;
      return [name, { ...file, digests }] as const;
    }),
  );
  const checksums = await verifyChecksums(appliance, known, opening.context);
  return {
    appliance: describePacked(appliance, known),
    descriptorName,
    scans,
    problems: refuseErrors([...problems, ...checksums.problems], directory),
  };
}

async function scanFiles(
  appliance: Appliance,
  files: ReadonlyMap<string, PlacedFile>,
  context: Context,
): Promise<ReadonlyMap<string, SparseScan>> {
  const scans = new Map<string, SparseScan>();
  for (const name of selectFiles(appliance, files.keys())) {
    const file = files.get(name);
    if (file === undefined) continue;
    const disk = appliance.disks.find((candidate) => candidate.file === name);
    const stated = disk?.checksums.map(({ type }) => type) ?? [];
    const digests: readonly DigestAlgorithm[] =
      disk === undefined ? [] : [...new Set([...stated, "sha256" as const])];
    const task = context.progress.start(`reading ${name}`, file.sizeBytes);
    try {
      const scan = await scanSparse(file.absolutePath, {
        digests,
        signal: context.signal,
        onBytes: (bytes) => task.advance(bytes),
      });
      scans.set(name, scan);
    } finally {
      task.done();
    }
  }
  return scans;
}

function planMembers(
  appliance: Appliance,
  options: {
    readonly descriptorName: string;
    readonly scans: ReadonlyMap<string, SparseScan>;
    readonly context: Context;
  },
): readonly TarMember[] {
  const { descriptorName, scans, context } = options;
  const top = archiveFolder(appliance);
  const text = Buffer.from(renderDescriptor(appliance));
  const names = [...scans.keys()];
  return [
    { kind: "directory", path: top },
    {
      kind: "file",
      path: `${top}/${descriptorName}`,
      sizeBytes: text.length,
      segments: [{ offset: 0, length: text.length }],
      data: () => [text],
    },
    ...parentFolders(names).map((folder): TarMember => ({
      kind: "directory",
      path: `${top}/${folder}`,
    })),
    ...[...scans].map(([name, scan]): TarMember => ({
      kind: "file",
      path: `${top}/${name}`,
      sizeBytes: scan.sizeBytes,
      segments: scan.segments,
      data: () => readScanned(scan, { signal: context.signal }),
    })),
  ];
}
