import { attributeOf, childOf, childrenOf } from "../../lib/xml-tree.ts";
import type { XmlElement } from "../../lib/xml-tree.ts";
import { parseDomain, readDomainXml } from "../../libvirt/index.ts";
import type { Domain, DomainDisk } from "../../libvirt/index.ts";
import type { Instance } from "../instance.ts";
import type { HostAccess } from "../host-access.ts";
import { identityOf, readChain } from "./real-chain.ts";
import type { Chain } from "./real-chain.ts";
import { resolveVolumes } from "./resolve-volumes.ts";

/** A file by name, and which one it is; undefined: it is not there. */
export interface NamedFile {
  readonly path: string;
  readonly identity: string | undefined;
}

/** A disk that a domain really has. */
export interface RealDisk {
  /** With the file in place of a volume. */
  readonly disk: DomainDisk;
  /** Undefined for an empty drive, and for what is no file or device of this host. */
  readonly chain: Chain | undefined;
  /** Files that the definition says it rests on, in order; undefined when it leaves that to the images. */
  readonly said: readonly NamedFile[] | undefined;
  /** Where it is in the present run, when that is elsewhere than at the next start. */
  readonly live: string | undefined;
}

/** What a VM really is: its disks as libvirt and the images themselves tell. */
export interface Machine {
  /** As it will be at the next start; disks are named by their files. */
  readonly domain: Domain;
  /** In the domain's order. */
  readonly disks: readonly RealDisk[];
  /** Which files bear the names that the record has, by name; one that is not there is missing. */
  readonly recorded: ReadonlyMap<string, string>;
}

function saidBelow(disk: XmlElement): readonly string[] | undefined {
  const store = childOf(disk, "backingStore");
  if (store === undefined) return undefined;
  const source = childOf(store, "source");
  const file = source && (attributeOf(source, "file") ?? attributeOf(source, "dev"));
  // What ends without a word leaves the rest to the image's header.
  return file === undefined ? [] : [file, ...(saidBelow(store) ?? [])];
}

/** Returns the chains that a definition tells, by device name. */
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

/** Returns every file of a VM's disks that its record names. */
function recordedFiles(instance: Instance): readonly string[] {
  const disks = [instance.current, instance.previous].flatMap((each) => each?.disks ?? []);
  return [
    ...disks.flatMap((disk) => [disk.path, ...(disk.layers ?? []).map((layer) => layer.path)]),
    ...(instance.seed === undefined ? [] : [instance.seed.path]),
  ];
}

/** Returns whether a disk lies in a file or device of this host. */
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
 * Reads what a VM really is.
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
