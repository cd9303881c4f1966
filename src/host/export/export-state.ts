import { randomBytes } from "node:crypto";
import { lstat, readdir, stat, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Appliance } from "../../appliance/index.ts";
import { type DiskFacts, readDiskFacts } from "../../image/index.ts";
import { openTemporaryFolder } from "../../lib/atomic.ts";
import type { Domain, DomainFacts } from "../../libvirt/index.ts";
import { type Draft, initAppliance } from "../../draft/index.ts";
import { readAppliance, readCatalogue } from "../catalogue/catalogue.ts";
import type { LocalHost } from "../access/local-host.ts";
import { findInstance, type FoundInstance } from "../instance/find-instances.ts";
import type { Difference } from "../machine/compare-disk.ts";
import { compareRecord } from "../machine/compare-record.ts";
import { readMachine } from "../machine/read-machine.ts";
import type { ExportRequest } from "./export-request.ts";

/** Input for planning an export. */
export interface ExportState {
  readonly found: FoundInstance;
  /** Differences between the VM and its record. */
  readonly differences: readonly Difference[];
  readonly domain: Domain;
  readonly facts: DomainFacts;
  /** Descriptor of the VM's version; undefined if its package is not installed. */
  readonly appliance: Appliance | undefined;
  /** First descriptor, drafted from the domain. */
  readonly draft: Draft;
  /** Facts about its disks, by path; missing if they cannot be read. */
  readonly disks: ReadonlyMap<string, DiskFacts>;
  /** Hidden folder with an unpredictable name, which is renamed at the end. */
  readonly staging: string;
  /** Why the folder cannot be written; undefined if it can. */
  readonly folderProblem: string | undefined;
  /** Undefined if unknown. */
  readonly freeBytes: number | undefined;
  /** Allocated space of disks, bases, kernel and initial RAM disk, the maximum size of the export. */
  readonly neededBytes: number;
  readonly now: Date;
}

async function findAppliance(
  host: LocalHost,
  { instance }: FoundInstance,
): Promise<Appliance | undefined> {
  const { version, release } = instance.current;
  const entry = (await readCatalogue(host.paths)).entries.find(
    (each) =>
      each.package === instance.package && each.version === version && each.release === release,
  );
  return entry === undefined ? undefined : readAppliance(entry);
}

/** Drafts from the XML that was read: a file might have the name of the VM. */
async function makeDraft(
  host: LocalHost,
  found: FoundInstance,
  name: string | undefined,
): Promise<Draft> {
  await using folder = await openTemporaryFolder(host.context.temporaryFolder);
  const file = path.join(folder.path, "domain.xml");
  await writeFile(file, found.xml, { mode: 0o600, flag: "wx" });
  return await initAppliance(file, host.context, { name });
}

/** Returns a folder beside the target, with an unpredictable name. */
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
 * Reads the input for planning an export.
 *
 * @throws ApplianceError `HOST_UNKNOWN_VM`; `HOST_CATALOGUE_BAD`; `SOURCE_INEXPRESSIBLE` for a machine that no
 *   descriptor can express
 */
export async function readExportState(
  host: LocalHost,
  vm: string,
  request: ExportRequest,
): Promise<ExportState> {
  const read = await findInstance(host.libvirt, vm);
  const machine = await readMachine(host, read);
  const { domain } = machine;
  // The export follows the VM, not its record.
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
