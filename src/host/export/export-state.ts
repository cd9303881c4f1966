import { randomBytes } from "node:crypto";
import { lstat, readdir, stat, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Appliance } from "../../appliance/index.ts";
import { readDiskFacts } from "../../image/index.ts";
import type { DiskFacts } from "../../image/index.ts";
import { openTemporaryFolder } from "../../lib/atomic.ts";
import type { Domain, DomainFacts } from "../../libvirt/index.ts";
import { initAppliance } from "../../draft/index.ts";
import type { Draft } from "../../draft/index.ts";
import { readAppliance, readCatalogue } from "../catalogue.ts";
import type { Host } from "../host.ts";
import { findInstance } from "../instances.ts";
import type { FoundInstance } from "../instances.ts";
import type { Difference } from "../machine/compare-disk.ts";
import { compareRecord } from "../machine/compare-record.ts";
import { readMachine } from "../machine/read-machine.ts";
import type { ExportRequest } from "./export-request.ts";

/** All that planning an export looks at. */
export interface ExportState {
  readonly found: FoundInstance;
  /** In what its record differs from what it is. */
  readonly differences: readonly Difference[];
  readonly domain: Domain;
  readonly facts: DomainFacts;
  /** Descriptor of the VM's version; undefined when its package is gone. */
  readonly appliance: Appliance | undefined;
  /** First descriptor, made from the domain. */
  readonly draft: Draft;
  /** What is known of its disks, by path; missing when they cannot be read. */
  readonly disks: ReadonlyMap<string, DiskFacts>;
  /** Where the folder is written before it gets its name: nobody can have put anything there. */
  readonly staging: string;
  /** Why nothing can be written there; undefined when it can. */
  readonly folderProblem: string | undefined;
  /** Undefined if unknown. */
  readonly freeBytes: number | undefined;
  /** Space that disks, bases, kernel and initial RAM disk take: no export needs more. */
  readonly neededBytes: number;
  readonly now: Date;
}

async function findAppliance(
  host: Host,
  { instance }: FoundInstance,
): Promise<Appliance | undefined> {
  const { version, release } = instance.current;
  const entry = (await readCatalogue(host.paths)).entries.find(
    (each) =>
      each.package === instance.package && each.version === version && each.release === release,
  );
  return entry === undefined ? undefined : readAppliance(entry);
}

/** Drafts from the very XML that was read: a file in the way might have the VM's name. */
async function makeDraft(
  host: Host,
  found: FoundInstance,
  name: string | undefined,
): Promise<Draft> {
  await using folder = await openTemporaryFolder(host.context.temporaryFolder);
  const file = path.join(folder.path, "domain.xml");
  await writeFile(file, found.xml, { mode: 0o600, flag: "wx" });
  return await initAppliance(file, host.context, { name });
}

/** Returns a folder beside the wanted one, of a name that nobody can guess. */
function stagingFolder(folder: string): string {
  const random = randomBytes(8).toString("hex");
  return path.join(path.dirname(folder), `.${path.basename(folder)}.exporting-${random}`);
}

async function findFolderProblem(folder: string): Promise<string | undefined> {
  const parent = path.dirname(folder);
  const parentStats = await stat(parent).catch(() => undefined);
  if (parentStats?.isDirectory() !== true) return `${parent}: no such folder`;
  const stats = await lstat(folder).catch(() => undefined);
  if (stats === undefined) return undefined;
  if (!stats.isDirectory()) return `${folder}: already exists and is not a folder`;
  return (await readdir(folder)).length > 0 ? `${folder}: the folder is not empty` : undefined;
}

async function allocatedBytes(file: string): Promise<number> {
  const stats = await stat(file).catch(() => undefined);
  return (stats?.blocks ?? 0) * 512;
}

async function readDisks(domain: Domain): Promise<ReadonlyMap<string, DiskFacts>> {
  const disks = new Map<string, DiskFacts>();
  for (const { source, format } of domain.disks) {
    if (source === undefined) continue;
    const kind = format === "qcow2" ? "qcow2" : "raw";
    const facts = await readDiskFacts(source, kind).catch(() => undefined);
    if (facts !== undefined) disks.set(source, facts);
  }
  return disks;
}

/**
 * Reads all that planning an export looks at.
 *
 * @throws ApplianceError `HOST_UNKNOWN_VM`; `HOST_CATALOGUE_BAD`; `SOURCE_INEXPRESSIBLE` for a machine that no
 *   descriptor can express
 */
export async function readExportState(
  host: Host,
  vm: string,
  request: ExportRequest,
): Promise<ExportState> {
  const read = await findInstance(host.libvirt, vm);
  const machine = await readMachine(host, read);
  const { domain } = machine;
  // What is written is what the VM is, whatever its record says.
  const comparison = compareRecord(read.instance, machine);
  const found = { ...read, instance: comparison.instance };
  const { current } = found.instance;
  const files = new Set([
    ...domain.disks.flatMap(({ source }) => source ?? []),
    ...machine.disks.flatMap(({ chain }) => chain?.layers.map((layer) => layer.path) ?? []),
    ...current.disks.flatMap(({ kind, base }) => (kind === "overlay" ? (base?.path ?? []) : [])),
    ...[domain.os.kernel, domain.os.initrd].filter((file) => file !== undefined),
  ]);
  let neededBytes = 0;
  for (const file of files) neededBytes += await allocatedBytes(file);
  const space = await statfs(path.dirname(request.folder)).catch(() => undefined);
  return {
    found,
    differences: comparison.differences,
    domain,
    facts: await host.libvirt.domainFacts(vm),
    appliance: await findAppliance(host, found),
    draft: await makeDraft(host, found, request.name),
    disks: await readDisks(domain),
    staging: stagingFolder(request.folder),
    folderProblem: await findFolderProblem(request.folder),
    freeBytes: space === undefined ? undefined : space.bavail * space.bsize,
    neededBytes,
    now: host.context.now(),
  };
}
