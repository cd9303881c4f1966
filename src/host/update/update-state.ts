import { readdir, stat, statfs } from "node:fs/promises";
import path from "node:path";
import type { Appliance } from "../../appliance/index.ts";
import { compareEvr } from "../../lib/evr.ts";
import type { Capabilities } from "../../libvirt/index.ts";
import { type BaseState, checkBase } from "../catalogue/base.ts";
import { findEntry, readAppliance, readCatalogue } from "../catalogue/catalogue.ts";
import { baseFilesOf, type CatalogueEntry } from "../catalogue/catalogue-entry.ts";
import type { BaseReference, Generation } from "../instance/instance.ts";
import { readVmState, type VmState } from "../machine/vm-state.ts";
import type { HostAccess } from "../access/host-access.ts";
import type { UpdateRequest } from "./update-request.ts";

/** A folder for new disks. */
export interface FolderState {
  /** Names of its files. */
  readonly names: readonly string[];
  /** Which file system it is on. */
  readonly device: number;
  readonly freeBytes: number;
}

/** All that planning an update looks at. */
export interface UpdateState extends VmState {
  readonly entry: CatalogueEntry;
  readonly appliance: Appliance;
  readonly capabilities: Capabilities;
  /** By file name, for every base of the new version. */
  readonly bases: ReadonlyMap<string, BaseState>;
  /** What is wrong with the bases of the present version, one sentence each. */
  readonly currentBaseProblems: readonly string[];
  /** By path; a folder that cannot be read is not among them. */
  readonly folders: ReadonlyMap<string, FolderState>;
}

/** Returns every base that a version of a VM needs to start, or was copied from, once. */
function basesOf(generation: Generation): readonly BaseReference[] {
  const needed = generation.disks.filter((disk) => disk.kind === "overlay" || disk.kind === "base");
  const references = needed.flatMap((disk) => disk.base ?? []);
  return [...new Map(references.map((each) => [each.path, each])).values()];
}

/** Returns what is wrong with the bases that a version of a VM needs, one sentence each. */
export async function checkGeneration(
  generation: Generation,
  host: HostAccess,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { path: file, sha256 } of basesOf(generation)) {
    const bytes = await stat(file).then(
      (stats) => stats.size,
      () => 0,
    );
    const paths = { ...host.paths, baseDir: path.dirname(file) };
    const base = { file: path.basename(file), bytes, sha256 };
    const { problem } = await checkBase(base, { paths, context: host.context });
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}

async function readFolder(folder: string): Promise<FolderState | undefined> {
  try {
    const [names, { dev }, { bavail, bsize }] = await Promise.all([
      readdir(folder),
      stat(folder),
      statfs(folder),
    ]);
    return { names, device: dev, freeBytes: bavail * bsize };
  } catch {
    return undefined;
  }
}

/** Returns the folders that disks of a VM are in, and the one for new disks if it has none. */
export function foldersOf(generation: Generation, diskDir: string): readonly string[] {
  // Nothing is made among devices.
  const own = generation.disks.filter(
    (disk) => disk.kind !== "base" && !disk.path.startsWith("/dev/"),
  );
  const folders = own.map((disk) => path.dirname(disk.path));
  return [...new Set(folders.length === 0 ? [diskDir] : folders)];
}

/**
 * Reads all that planning an update looks at. Bases are hashed only when they changed since they were last.
 *
 * @returns undefined when no version was named and none is installed that is newer than the VM's
 * @throws ApplianceError `HOST_UNKNOWN_VM`, `HOST_UNKNOWN_APPLIANCE`, `HOST_CATALOGUE_BAD`; what libvirt throws
 */
export async function readUpdateState(
  host: HostAccess,
  vm: string,
  request: UpdateRequest,
): Promise<UpdateState | undefined> {
  const [state, catalogue] = await Promise.all([readVmState(host, vm), readCatalogue(host.paths)]);
  const { instance } = state.found;
  const version = request.to === undefined ? "" : `-${request.to}`;
  const entry = findEntry(catalogue, `${instance.package}${version}`);
  if (request.to === undefined && compareEvr(entry, instance.current) <= 0) return undefined;
  const [appliance, capabilities] = await Promise.all([
    readAppliance(entry),
    host.libvirt.capabilities(),
  ]);
  const bases = new Map<string, BaseState>();
  for (const file of baseFilesOf(entry)) bases.set(file.file, await checkBase(file, host));
  const folders = new Map<string, FolderState>();
  for (const folder of foldersOf(instance.current, host.paths.diskDir)) {
    const found = await readFolder(folder);
    if (found !== undefined) folders.set(folder, found);
  }
  return {
    ...state,
    entry,
    appliance,
    capabilities,
    bases,
    currentBaseProblems: await checkGeneration(instance.current, host),
    folders,
  };
}
