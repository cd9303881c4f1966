import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Appliance } from "../../appliance/index.ts";
import { ApplianceError } from "../../errors.ts";
import { digestFile } from "../../lib/bytes/digest.ts";
import { type Domain, type DomainDisk, parseDomain } from "../../libvirt/index.ts";
import { checkBase } from "../catalogue/base.ts";
import { type Catalogue, readAppliance, readCatalogue } from "../catalogue/catalogue.ts";
import { baseFilesOf, type CatalogueEntry } from "../catalogue/catalogue-entry.ts";
import type { LocalHost } from "../access/local-host.ts";
import type { Instance } from "../instance/instance.ts";
import { readImageLinks, resolveFolder } from "../access/image-links.ts";
import { originOfClone, readInstance } from "../instance/instance-xml.ts";
import { resolveVolumes } from "../machine/resolve-volumes.ts";

/** A disk of the domain, and its base. */
export interface AdoptDisk {
  readonly disk: DomainDisk;
  /** Name of the base that the disk uses directly, as an ISO image. */
  readonly isBase: string | undefined;
  /** Name of the base that it is an overlay on. */
  readonly onBase: string | undefined;
  /** Name of a base that backs it through other images, and the image above that base. */
  readonly through: { readonly base: string; readonly image: string } | undefined;
  /** Why its backing files are unknown. */
  readonly problem: string | undefined;
}

/** Input for planning an adoption. */
export interface AdoptState {
  readonly vm: string;
  readonly domain: Domain;
  /** Including passwords. */
  readonly xml: string;
  /** Existing metadata; undefined if there are none or they cannot be read. */
  readonly known: Instance | undefined;
  readonly disks: readonly AdoptDisk[];
  /**
   * Installed versions whose base backs one of its disks; for a clone without such a disk, the version of its original.
   */
  readonly entries: readonly CatalogueEntry[];
  /** The descriptor, if there is exactly one such version. */
  readonly appliance: Appliance | undefined;
  /** Problems of bases, by name. */
  readonly baseProblems: ReadonlyMap<string, string>;
  /** Digests of its kernel and initial RAM disk, by path; missing if they cannot be read. */
  readonly bootDigests: ReadonlyMap<string, string>;
  /** Names beside its disks, by folder. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  readonly now: Date;
}

const MAX_LAYERS = 50;

/** Returns the name of a file in the base folder; otherwise undefined. */
async function nameInBaseDir(host: LocalHost, file: string): Promise<string | undefined> {
  const real = await resolveFolder(file);
  const folder = await resolveFolder(path.join(host.paths.baseDir, "x"));
  return path.dirname(real) === path.dirname(folder) ? path.basename(real) : undefined;
}

/** Returns the backing files of an image, or why they are unknown. */
async function linksOf(file: string): Promise<readonly string[] | string> {
  try {
    const { targets, problems } = await readImageLinks(file);
    return problems[0] ?? targets.flat();
  } catch (error) {
    if (error instanceof ApplianceError && error.code === "LIB_IO") return error.message;
    throw error;
  }
}

async function readDisk(host: LocalHost, disk: DomainDisk): Promise<AdoptDisk> {
  const nothing = {
    disk,
    isBase: undefined,
    onBase: undefined,
    through: undefined,
    problem: undefined,
  };
  if (disk.source === undefined || disk.sourceType !== "file") return nothing;
  const isBase = await nameInBaseDir(host, disk.source);
  if (isBase !== undefined) return { ...nothing, isBase };
  let file = disk.source;
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    const links = await linksOf(file);
    if (typeof links === "string") return { ...nothing, problem: links };
    const [next] = links;
    if (next === undefined) return nothing;
    const base = await nameInBaseDir(host, next);
    if (base !== undefined && layer === 0) return { ...nothing, onBase: base };
    if (base !== undefined) return { ...nothing, through: { base, image: file } };
    file = next;
  }
  return nothing;
}

async function digestsOf(host: LocalHost, domain: Domain): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const file of [domain.os.kernel, domain.os.initrd]) {
    if (file === undefined) continue;
    const digest = await digestFile(file, { signal: host.context.signal }).catch(() => undefined);
    if (digest !== undefined) digests.set(file, digest);
  }
  return digests;
}

/** Returns the metadata of a domain; undefined if they must be rewritten. */
export function knownInstance(xml: string): Instance | undefined {
  try {
    return readInstance(xml);
  } catch (error) {
    const anew = ["HOST_METADATA_BAD", "HOST_METADATA_FOREIGN"];
    if (error instanceof ApplianceError && anew.includes(error.code)) return undefined;
    throw error;
  }
}

/** Returns the version of a clone's original: virt-clone may copy whole disks, without their base. */
function cloneEntries(xml: string, { entries }: Catalogue): readonly CatalogueEntry[] {
  const origin = originOfClone(xml);
  return entries.filter(
    (entry) =>
      entry.package === origin?.package &&
      entry.version === origin.version &&
      entry.release === origin.release,
  );
}

async function findProblems(
  host: LocalHost,
  entries: readonly CatalogueEntry[],
): Promise<ReadonlyMap<string, string>> {
  const problems = new Map<string, string>();
  for (const base of entries.flatMap(baseFilesOf)) {
    const { problem } = await checkBase(base, host);
    if (problem !== undefined) problems.set(base.file, problem);
  }
  return problems;
}

/**
 * Reads the input for planning an adoption.
 *
 * @throws ApplianceError `LIBVIRT_UNKNOWN`; `HOST_CATALOGUE_BAD`; `LIB_IO` when a disk cannot be read
 */
export async function readAdoptState(host: LocalHost, vm: string): Promise<AdoptState> {
  const xml = await host.libvirt.dumpDefinition(vm);
  const domain = await resolveVolumes(host.libvirt, parseDomain(xml, vm));
  const disks: AdoptDisk[] = [];
  for (const disk of domain.disks) disks.push(await readDisk(host, disk));
  const bases = disks.flatMap((each) => each.isBase ?? each.onBase ?? each.through?.base ?? []);
  const catalogue = await readCatalogue(host.paths);
  const onBases = catalogue.entries.filter((entry) =>
    baseFilesOf(entry).some(({ file }) => bases.includes(file)),
  );
  const entries = onBases.length === 0 ? cloneEntries(xml, catalogue) : onBases;
  const [entry] = entries;
  const folders = new Set(
    domain.disks.flatMap(({ source }) => (source?.startsWith("/") ? path.dirname(source) : [])),
  );
  const names = new Map<string, readonly string[]>();
  for (const folder of folders) names.set(folder, await readdir(folder).catch(() => []));
  return {
    vm,
    domain,
    xml,
    known: knownInstance(xml),
    disks,
    entries,
    appliance: entry !== undefined && entries.length === 1 ? await readAppliance(entry) : undefined,
    baseProblems: await findProblems(host, entries),
    bootDigests: await digestsOf(host, domain),
    names,
    now: host.context.now(),
  };
}
