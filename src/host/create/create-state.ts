import { readdir, statfs } from "node:fs/promises";
import path from "node:path";
import { commandLine } from "../../lib/command-line.ts";
import type { Appliance } from "../../appliance/index.ts";
import { ApplianceError } from "../../errors.ts";
import type { Context } from "../../lib/context.ts";
import type { Capabilities, DomainEntry, Libvirt, Network, Pool } from "../../libvirt/index.ts";
import { osinfoFileName } from "../../package/index.ts";
import { type BaseState, checkBase } from "../catalogue/base.ts";
import { findEntry, readAppliance, readCatalogue } from "../catalogue/catalogue.ts";
import { baseFilesOf, type CatalogueEntry } from "../catalogue/catalogue-entry.ts";
import type { Instance } from "../instance/instance.ts";
import { readInstance } from "../instance/instance-xml.ts";
import type { HostPaths } from "../access/paths.ts";
import type { CreateRequest } from "./create-request.ts";

/** The folder for the disks of a new VM. */
export interface DiskFolder {
  readonly path: string;
  /** Names of its files. */
  readonly names: readonly string[];
  /** Undefined if unknown. */
  readonly freeBytes: number | undefined;
}

/** Input for planning a new VM. */
export interface CreateState {
  readonly entry: CatalogueEntry;
  readonly appliance: Appliance;
  readonly capabilities: Capabilities;
  readonly domains: readonly string[];
  /** Origin of the existing domain with the name of the new VM, if known. */
  readonly nameTakenBy: string | undefined;
  readonly networks: readonly Network[];
  readonly pools: readonly Pool[];
  /** Undefined if it cannot be used; see `folderProblem`. */
  readonly folder: DiskFolder | undefined;
  readonly folderProblem: string | undefined;
  /** By file name, for every base of the entry. */
  readonly bases: ReadonlyMap<string, BaseState>;
  /** Id of the appliance in virt-install; undefined if its entry is missing. */
  readonly osinfo: string | undefined;
  /** Further reasons against creating the VM, found by the caller; one sentence each. */
  readonly reasons: readonly string[];
  readonly now: Date;
}

/** Sources of the state. */
export interface CreateSurroundings {
  readonly paths: HostPaths;
  readonly context: Context;
  readonly libvirt: Libvirt;
}

function folderOfPool(pools: readonly Pool[], wanted: string): string | { problem: string } {
  const pool = pools.find((each) => each.name === wanted);
  if (pool === undefined) return { problem: `pool ${wanted}: no such pool` };
  if (pool.targetPath === undefined || !["dir", "fs", "netfs"].includes(pool.type))
    return { problem: `pool ${wanted}: has type ${pool.type}, expected a pool of files` };
  // Its folder may be a mount point where nothing is mounted now.
  if (!pool.isActive)
    return {
      problem: `pool ${wanted}: not active; start it with ${commandLine("virsh", "pool-start", wanted)}`,
    };
  return pool.targetPath;
}

async function readFolder(folder: string): Promise<DiskFolder | { problem: string }> {
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return { problem: `${folder}: the folder cannot be read` };
  const facts = await statfs(folder).catch(() => undefined);
  return {
    path: folder,
    names,
    freeBytes: facts === undefined ? undefined : facts.bavail * facts.bsize,
  };
}

async function findOsinfo(entry: CatalogueEntry, paths: HostPaths): Promise<string | undefined> {
  const name = osinfoFileName(entry);
  const names = await readdir(paths.osinfoDir).catch((): string[] => []);
  return names.includes(name) ? entry.osinfoIds[0] : undefined;
}

/** Returns the origin of a domain: `web 1.0-1`. */
async function findOrigin(
  libvirt: Libvirt,
  vm: string,
  domains: readonly DomainEntry[],
): Promise<string | undefined> {
  if (!domains.some(({ name }) => name === vm)) return undefined;
  try {
    const instance = readInstance(await libvirt.dumpXml(vm));
    return instance && versionedName(instance);
  } catch (error) {
    // Only its existence matters.
    if (error instanceof ApplianceError) return undefined;
    throw error;
  }
}

function versionedName({ appliance, current }: Instance): string {
  return `${appliance} ${current.version}-${current.release}`;
}

/** Checks the bases that a VM of this entry uses. */
async function checkBases(
  entry: CatalogueEntry,
  from: CreateSurroundings,
): Promise<ReadonlyMap<string, BaseState>> {
  const states = new Map<string, BaseState>();
  for (const file of baseFilesOf(entry)) states.set(file.file, await checkBase(file, from));
  return states;
}

/** A requested machine, and its source. */
export interface MachineRequest {
  readonly entry: CatalogueEntry;
  readonly appliance: Appliance;
  readonly request: CreateRequest;
}

/**
 * Reads the input for planning a new VM from an entry. Bases are hashed only if they changed.
 *
 * @throws ApplianceError errors of libvirt
 */
export async function readMachineState(
  { entry, appliance, request }: MachineRequest,
  from: CreateSurroundings,
): Promise<CreateState> {
  const { paths, context, libvirt } = from;
  const [capabilities, domains, networks, pools, osinfo] = await Promise.all([
    libvirt.capabilities(),
    libvirt.listDomains(),
    libvirt.listNetworks(),
    libvirt.listPools(),
    findOsinfo(entry, paths),
  ]);
  const place = request.pool === undefined ? paths.diskDir : folderOfPool(pools, request.pool);
  const folder = typeof place === "string" ? await readFolder(path.resolve(place)) : place;
  const isUsable = !("problem" in folder);
  return {
    entry,
    appliance,
    capabilities,
    domains: domains.map((domain) => domain.name),
    nameTakenBy: await findOrigin(libvirt, request.vm, domains),
    networks,
    pools,
    folder: isUsable ? folder : undefined,
    folderProblem: isUsable ? undefined : folder.problem,
    bases: await checkBases(entry, from),
    osinfo,
    reasons: [],
    now: context.now(),
  };
}

/**
 * Reads the input for planning a new VM from an image.
 *
 * @throws ApplianceError `HOST_UNKNOWN_APPLIANCE`, `HOST_CATALOGUE_BAD`; errors of libvirt
 */
export async function readCreateState(
  request: CreateRequest,
  from: CreateSurroundings,
): Promise<CreateState> {
  const entry = findEntry(await readCatalogue(from.paths), request.appliance);
  const appliance = await readAppliance(entry);
  return readMachineState({ entry, appliance, request }, from);
}
