import { attributeOf, childOf, childrenOf, type XmlElement } from "../../lib/xml/tree.ts";
import { type Domain, type DomainDisk, parseDomain, readDomainXml } from "../../libvirt/index.ts";
import type { Instance } from "../instance/instance.ts";
import type { HostAccess } from "../access/host-access.ts";
import { type Chain, identityOf, readChain } from "./real-chain.ts";
import { resolveVolumes } from "./resolve-volumes.ts";

/** The name of a file, and its identity; undefined if it is missing. */
export interface NamedFile {
  readonly path: string;
  readonly identity: string | undefined;
}

/** A disk in a domain. */
export interface RealDisk {
  /** With a file name instead of a volume. */
  readonly disk: DomainDisk;
  /** Undefined for an empty drive, and for a source that is not a file or device of this host. */
  readonly chain: Chain | undefined;
  /** Backing files in the definition, in order; undefined if the definition has none. */
  readonly said: readonly NamedFile[] | undefined;
  /** Its file in the present run, if it differs from the next start. */
  readonly live: string | undefined;
}

/** The facts about a VM: its disks, from libvirt and the images. */
export interface Machine {
  /** Definition for the next start, with file names of disks. */
  readonly domain: Domain;
  /** In the domain's order. */
  readonly disks: readonly RealDisk[];
  /** Identities of the files in the record, by name; missing files are left out. */
  readonly recorded: ReadonlyMap<string, string>;
}

function saidBelow(disk: XmlElement): readonly string[] | undefined {
  const store = childOf(disk, "backingStore");
  if (store === undefined) return undefined;
  const source = childOf(store, "source");
  const file = source && (attributeOf(source, "file") ?? attributeOf(source, "dev"));
  // Without an explicit end, the image's header determines the rest.
  return file === undefined ? [] : [file, ...(saidBelow(store) ?? [])];
}

/** Returns the backing chains in a definition, by device name. */
function saidChains(definition: XmlElement): ReadonlyMap<string, readonly string[]> {
  const devices = childOf(definition, "devices");
  const said = new Map<string, readonly string[]>();
  for (const disk of devices === undefined ? [] : childrenOf(devices, "disk")) {
    const target = childOf(disk, "target");
    const below = saidBelow(disk);
    if (target !== undefined && below !== undefined)
      said.set(attributeOf(target, "dev") ?? "", below);
  }
  return said;
}

/** Returns every file of a VM's disks in its record. */
function recordedFiles(instance: Instance): readonly string[] {
  const disks = [instance.current, instance.previous].flatMap((each) => each?.disks ?? []);
  return [
    ...disks.flatMap((disk) => [disk.path, ...(disk.layers ?? []).map((layer) => layer.path)]),
    ...(instance.seed === undefined ? [] : [instance.seed.path]),
  ];
}

/** Returns whether a disk is a file or device of this host. */
export function isLocal({ source, sourceType }: DomainDisk): boolean {
  return source?.startsWith("/") === true && ["file", "block"].includes(sourceType);
}

async function identify(
  files: readonly string[] | undefined,
): Promise<readonly NamedFile[] | undefined> {
  if (files === undefined) return undefined;
  return Promise.all(files.map(async (file) => ({ path: file, identity: await identityOf(file) })));
}

/**
 * Reads the facts about a VM.
 *
 * @param found.xml  text, or the tree that `readDomainXml` returned
 */
export async function readMachine(
  host: Pick<HostAccess, "libvirt" | "paths">,
  found: { readonly vm: string; readonly xml: string | XmlElement; readonly instance: Instance },
): Promise<Machine> {
  const { libvirt, paths } = host;
  const { vm, xml, instance } = found;
  const definition = typeof xml === "string" ? readDomainXml(xml, vm) : xml;
  const domain = await resolveVolumes(libvirt, parseDomain(definition, vm));
  const running = await libvirt.dumpLive(vm);
  const live =
    running === undefined ? undefined : await resolveVolumes(libvirt, parseDomain(running, vm));
  const said = saidChains(definition);
  const disks: RealDisk[] = [];
  for (const disk of domain.disks) {
    const chain = isLocal(disk)
      ? await readChain(disk.source ?? "", {
          baseDir: paths.baseDir,
          isRaw: disk.format === "raw",
        })
      : undefined;
    const now = live?.disks.find((each) => each.target === disk.target)?.source;
    disks.push({
      disk,
      chain,
      said: await identify(said.get(disk.target ?? "")),
      live: now === disk.source ? undefined : now,
    });
  }
  const recorded = new Map<string, string>();
  for (const file of recordedFiles(instance)) {
    const identity = await identityOf(file);
    if (identity !== undefined) recorded.set(file, identity);
  }
  return { domain, disks, recorded };
}
