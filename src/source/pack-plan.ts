import path from "node:path";
import { type Appliance, type Disk, isPlainFormat } from "../appliance/index.ts";
import type { Digests } from "../lib/sparse/write.ts";
import { isDocumentation, namedFiles } from "./check-files.ts";

const MIB = 1024 * 1024;

/** Facts about a file that may be packed. */
export interface PackableFile {
  readonly sizeBytes: number;
  readonly digests: Digests;
}

/** Returns the folder that an archive of this appliance unpacks into: `NAME-VERSION`. */
export function archiveFolder(appliance: Appliance): string {
  const { name, version } = appliance;
  const full = version === undefined ? name : `${name}-${version}`;
  return full.replaceAll(/[/:]/g, "-");
}

/**
 * Returns the files for an archive, sorted: disks except scratch disks, other files that the descriptor names, and
 * documentation.
 */
export function selectFiles(appliance: Appliance, names: Iterable<string>): readonly string[] {
  const disks = appliance.disks.filter(({ role }) => role !== "scratch").map(({ file }) => file);
  const wanted = new Set([...disks, ...namedFiles(appliance).map((named) => named.path)]);
  return [...names].filter((name) => wanted.has(name) || isDocumentation(name)).sort();
}

/**
 * Returns the appliance as described in its archive: SHA-256 of every packed disk, real sizes of raw disks, and sizes
 * of scratch disks, whose files are left out.
 *
 * @param files  by path; with SHA-256 where they are packed
 */
export function describePacked(
  appliance: Appliance,
  files: ReadonlyMap<string, PackableFile>,
): Appliance {
  const describeDisk = (disk: Disk): Disk => {
    const file = files.get(disk.file);
    if (file === undefined) return disk;
    if (disk.role === "scratch") {
      const sizeBytes = disk.sizeBytes ?? Math.ceil(file.sizeBytes / MIB) * MIB;
      return { ...disk, sizeBytes, checksums: [] };
    }
    const { sha256 } = file.digests;
    const isPlain = isPlainFormat(disk.format);
    return {
      ...disk,
      sizeBytes: isPlain ? file.sizeBytes : disk.sizeBytes,
      checksums: sha256 === undefined ? disk.checksums : [{ type: "sha256", value: sha256 }],
    };
  };
  return { ...appliance, disks: appliance.disks.map(describeDisk) };
}

/** Returns the folders of these paths, outermost first, sorted. */
export function parentFolders(names: readonly string[]): readonly string[] {
  const folders = new Set<string>();
  for (const name of names) {
    for (let folder = path.dirname(name); folder !== "."; folder = path.dirname(folder)) {
      folders.add(folder);
    }
  }
  return [...folders].sort();
}
