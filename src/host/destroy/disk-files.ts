import type { InstanceDisk } from "../instance/instance.ts";
import type { FoundInstance } from "../instance/find-instances.ts";
import { findByFile } from "../machine/compare-disk.ts";
import type { DiskUse } from "../machine/own-files.ts";
import type { Machine } from "../machine/read-machine.ts";

/** The files of a VM's disks in its domain. */
export interface DiskFiles {
  /** Files of the appliance's disks, including snapshot layers above them, each with its role. */
  readonly own: readonly { readonly path: string; readonly role: InstanceDisk["role"] }[];
  /** Recorded disks for which the domain has another file. */
  readonly elsewhere: readonly { readonly disk: InstanceDisk; readonly use: DiskUse }[];
  /**
   * Recorded data disks for which the domain has a source that this host cannot read: a network disk or a missing file.
   */
  readonly unseen: readonly { readonly disk: InstanceDisk; readonly source: string }[];
  /** Files of disks that the administrator attached. */
  readonly added: readonly string[];
}

function recordedDisks({ instance }: FoundInstance): readonly InstanceDisk[] {
  return [instance.current, instance.previous]
    .flatMap((each) => each?.disks ?? [])
    .filter(({ kind }) => kind !== "base");
}

function pathsOf({ path, layers = [] }: InstanceDisk): readonly string[] {
  return [path, ...layers.map((layer) => layer.path)];
}

/** Returns the recorded disk in a chain, and the number of images from the top down to it. */
function findOwner(
  use: DiskUse,
  disks: readonly InstanceDisk[],
  identities: ReadonlyMap<string, string>,
): { readonly disk: InstanceDisk; readonly count: number } | undefined {
  const { layers, missing } = use.chain;
  for (const disk of disks) {
    const paths = pathsOf(disk);
    const known = new Set(paths.flatMap((file) => identities.get(file) ?? []));
    const depth = layers.findLastIndex(
      ({ path, identity }) => paths.includes(path) || known.has(identity),
    );
    if (depth !== -1) return { disk, count: depth + 1 };
    if (missing !== undefined && paths.includes(missing)) return { disk, count: layers.length };
  }
  return undefined;
}

/** Returns data disks whose recorded file may be the only copy, because the administrator did not drop them. */
function unseenDisks(found: FoundInstance, machine: Machine): DiskFiles["unseen"] {
  return found.instance.current.disks.flatMap((disk) => {
    if (disk.role !== "data" || disk.kind === "base" || findByFile(disk, machine) !== undefined)
      return [];
    const real = machine.disks.find((each) => each.disk.target === disk.target);
    const source = real?.disk.source;
    if (real === undefined || source === undefined || source === disk.path) return [];
    const isMissing = real.chain?.layers.length === 0 && real.chain.missing !== undefined;
    return real.chain === undefined || isMissing ? [{ disk, source }] : [];
  });
}

/**
 * Determines which files of a domain's disks belong to the VM. A file does if the record names it, or if it is an image
 * that is backed by such a file, without which it is useless.
 */
export function diskFiles(
  found: FoundInstance,
  uses: readonly DiskUse[],
  machine: Machine,
): DiskFiles {
  const disks = recordedDisks(found);
  const own = new Map(
    disks.flatMap((disk) => pathsOf(disk).map((file) => [file, disk.role] as const)),
  );
  const elsewhere: { disk: InstanceDisk; use: DiskUse }[] = [];
  const added = new Set<string>();
  for (const use of uses.filter(({ isHardDisk }) => isHardDisk)) {
    const owner = findOwner(use, disks, machine.recorded);
    if (owner !== undefined) {
      for (const { path } of use.chain.layers.slice(0, owner.count))
        if (!own.has(path)) own.set(path, owner.disk.role);
      continue;
    }
    const [top] = use.chain.layers;
    if (top === undefined || use.isSnapshot) continue;
    const disk = found.instance.current.disks.find(({ target }) => target === use.target);
    if (disk === undefined || disk.kind === "base") added.add(use.file);
    else if (!elsewhere.some((each) => each.use.file === use.file)) elsewhere.push({ disk, use });
  }
  return {
    own: [...own].map(([path, role]) => ({ path, role })),
    elsewhere,
    unseen: unseenDisks(found, machine),
    added: [...added],
  };
}
