import { isDiscFormat } from "../../appliance/index.ts";
import type { InstanceDisk, InstanceLayer } from "../instance/instance.ts";
import { isLocal, type Machine, type NamedFile, type RealDisk } from "./read-machine.ts";
import type { Chain } from "./real-chain.ts";

/** Kind of difference between a domain and its record. */
export type DifferenceCode =
  /** The domain has another file than the record. */
  | "disk-moved"
  /** Snapshots were created or merged. */
  | "disk-layers"
  /** It has another base than in the record, or none. */
  | "disk-base"
  /** Its definition has another backing file than its image. */
  | "disk-chain"
  /** It has another device name. */
  | "disk-target"
  /** The domain no longer has the disk. */
  | "disk-detached"
  /** It runs with another file than it will start with. */
  | "disk-running"
  /** The domain has a disk that is not in the record. */
  | "disk-added";

/** A difference between a domain and its record. */
export interface Difference {
  readonly code: DifferenceCode;
  /** Id of the disk, or device name of a disk that is not in the record. */
  readonly disk: string;
  /** A sentence fragment that continues the VM's name. */
  readonly what: string;
}

/** Present state of a recorded disk. */
export interface ComparedDisk {
  /** From the domain, or from the record if the domain is unclear. */
  readonly disk: InstanceDisk;
  readonly differences: readonly Difference[];
  /** Why the record cannot be updated automatically, one sentence each. */
  readonly reasons: readonly string[];
}

function nameOf(disk: InstanceDisk): string {
  return `disk ${disk.id}`;
}

/** Returns the position of a recorded file in a chain, counted from the top; -1 if it is not in the chain. */
function depthOf(chain: Chain, file: string, machine: Machine): number {
  const identity = machine.recorded.get(file);
  const depth = chain.layers.findIndex(
    (each) => each.path === file || (identity !== undefined && each.identity === identity),
  );
  // A missing file at the end of the chain also has its position.
  return depth === -1 && chain.missing === file ? chain.layers.length : depth;
}

/** Returns the domain's disk that uses a recorded file, directly or as a backing file; prefers the recorded device. */
export function findByFile(disk: InstanceDisk, machine: Machine): RealDisk | undefined {
  const has = ({ chain }: RealDisk): boolean => {
    if (chain === undefined) return false;
    return disk.kind === "base"
      ? chain.layers.length === 0 && chain.base === disk.path
      : depthOf(chain, disk.path, machine) !== -1;
  };
  const found = machine.disks.filter(has);
  return found.find((each) => each.disk.target === disk.target) ?? found[0];
}

function formatOf(real: RealDisk): "qcow2" | "raw" | undefined {
  const { format } = real.disk;
  return format === "qcow2" || format === "raw" ? format : undefined;
}

/** Compares the base of a disk. A disk that was copied whole no longer needs a base. */
function compareBase(disk: InstanceDisk, chain: Chain): ComparedDisk {
  const { base } = chain;
  const same = { disk, differences: [], reasons: [] };
  const expected = disk.kind === "overlay" ? disk.base?.path : undefined;
  if (base === expected || chain.problem !== undefined || disk.kind === "base") return same;
  if (base === undefined && chain.missing !== undefined) return same;
  const rests = base === undefined ? "no longer has a base" : `is backed by ${base}`;
  const was = expected ?? "none";
  const what = `has the disk ${disk.id}, which ${rests}, but the record names ${was}`;
  const difference: Difference = { code: "disk-base", disk: disk.id, what };
  if (base === undefined)
    return { disk: { ...disk, kind: "copy" }, differences: [difference], reasons: [] };
  const reason = `${nameOf(disk)}: is backed by ${base}, which does not belong to the recorded version`;
  return { disk, differences: [difference], reasons: [reason] };
}

/** Compares the layers between a recorded file and its base. */
function compareBelow(
  disk: InstanceDisk,
  below: Chain["layers"],
  machine: Machine,
): ComparedDisk & { readonly layers: readonly InstanceLayer[] } {
  const old = disk.layers ?? [];
  const isIn = (layer: InstanceLayer): boolean =>
    below.some(
      (each) => each.path === layer.path || each.identity === machine.recorded.get(layer.path),
    );
  const layers = old.filter(isIn);
  if (below.length > layers.length) {
    const what = `has the disk ${disk.id}, which is backed by ${below[0]?.path}, which the record does not name`;
    const reason = `${nameOf(disk)}: ${disk.path} is backed by ${below[0]?.path}: merge them first with virsh blockpull or qemu-img rebase`;
    const difference: Difference = { code: "disk-layers", disk: disk.id, what };
    return { disk, layers, differences: [difference], reasons: [reason] };
  }
  if (layers.length === old.length) return { disk, layers, differences: [], reasons: [] };
  const gone = old.filter((each) => !layers.includes(each)).map((each) => each.path);
  const what = `has the disk ${disk.id}, which is no longer backed by ${gone.join(", ")}`;
  return {
    disk,
    layers,
    differences: [{ code: "disk-layers", disk: disk.id, what }],
    reasons: [],
  };
}

function comparePlace(disk: InstanceDisk, real: RealDisk): readonly Difference[] {
  const { target } = real.disk;
  if (target === disk.target) return [];
  const what = `has the disk ${disk.id} at ${target ?? "no device"}, but the record names ${disk.target}`;
  return [{ code: "disk-target", disk: disk.id, what }];
}

/** Compares a disk that was found by its file, which may have another name and snapshots above it. */
export function compareFound(disk: InstanceDisk, real: RealDisk, machine: Machine): ComparedDisk {
  const { chain } = real;
  const place = comparePlace(disk, real);
  const target = real.disk.target ?? disk.target;
  if (chain === undefined || disk.kind === "base")
    return { disk: { ...disk, target }, differences: place, reasons: [] };
  const depth = depthOf(chain, disk.path, machine);
  const above = chain.layers.slice(0, depth);
  const source = real.disk.source ?? disk.path;
  const format = depth === 0 && !isDiscFormat(disk.format) ? disk.format : formatOf(real);
  const below = compareBelow(disk, chain.layers.slice(depth + 1), machine);
  const base = compareBase(disk, chain);
  const differences: Difference[] = [...place];
  const reasons = [...below.reasons, ...base.reasons];
  if (depth > 0) {
    const what = `has the disk ${disk.id} in ${above.map((each) => each.path).join(", ")}, above ${disk.path}, which the record names`;
    differences.push({ code: "disk-layers", disk: disk.id, what });
    if (chain.missing === disk.path)
      reasons.push(`${nameOf(disk)}: its backing file ${disk.path} is missing`);
    for (const each of above)
      if (!each.isQcow2 || !each.isRegular)
        reasons.push(`${nameOf(disk)}: ${each.path} is not a qcow2 image file`);
  } else if (source !== disk.path) {
    const what = `has ${source} as disk ${disk.id}, but the record names ${disk.path}`;
    differences.push({ code: "disk-moved", disk: disk.id, what });
  }
  if (format === undefined)
    reasons.push(`${nameOf(disk)}: format is ${real.disk.format ?? "not declared"}`);
  const own =
    depth === 0
      ? []
      : [{ path: disk.path, format: disk.format === "raw" ? "raw" : "qcow2" } as const];
  const upper = above.slice(1).map(({ path }) => ({ path, format: "qcow2" }) as const);
  const layers = [...upper, ...own, ...below.layers];
  const { layers: _, ...plain } = base.disk;
  return {
    disk: {
      ...plain,
      target,
      path: source,
      format: format ?? disk.format,
      ...(layers.length === 0 ? {} : { layers }),
    },
    differences: [...differences, ...below.differences, ...base.differences],
    reasons,
  };
}

function againstTaking(disk: InstanceDisk, real: RealDisk): readonly string[] {
  const { chain } = real;
  const { source, device, isReadOnly, isTransient } = real.disk;
  const name = `${nameOf(disk)}: ${source}`;
  if (chain === undefined) return [`${name} is not a file or device on this host`];
  const [top, next] = chain.layers;
  return [
    ...(device === "disk" ? [] : [`${name} is attached as ${device}, expected disk`]),
    ...(isReadOnly ? [`${name} is read-only`] : []),
    ...(isTransient ? [`${name} is transient`] : []),
    ...(top === undefined ? [`${name} is ${chain.base === source ? "a base" : "missing"}`] : []),
    ...(top?.isRegular === false && disk.role !== "data" ? [`${name} is a device`] : []),
    ...(next === undefined
      ? []
      : [
          `${name} is backed by ${next.path}: merge them first with virsh blockcommit or blockpull`,
        ]),
    ...(chain.problem === undefined ? [] : [`${nameOf(disk)}: ${chain.problem}`]),
    ...(formatOf(real) === undefined
      ? [
          `${name} has ${real.disk.format === undefined ? "no declared format" : `format ${real.disk.format}`}, expected qcow2 or raw`,
        ]
      : []),
  ];
}

/** Compares a disk whose file is not in the domain with the domain's disk at the same device. */
export function comparePlaced(disk: InstanceDisk, real: RealDisk): ComparedDisk {
  const { source, target = disk.target } = real.disk;
  const what = `has ${source ?? "nothing"} at ${target}, but the record names ${disk.path}`;
  const code = source === undefined ? "disk-detached" : "disk-moved";
  const differences: Difference[] = [{ code, disk: disk.id, what }];
  if (source === undefined) return detached(disk, differences);
  const against =
    disk.kind === "base"
      ? [`${nameOf(disk)}: expected the base itself`]
      : againstTaking(disk, real);
  const format = formatOf(real);
  const { chain } = real;
  if (against.length > 0 || format === undefined || chain === undefined)
    return { disk, differences, reasons: against };
  const { layers: _, ...plain } = disk;
  const base = compareBase(plain, chain);
  return {
    disk: { ...base.disk, path: source, format, target },
    differences: [...differences, ...base.differences],
    reasons: base.reasons,
  };
}

/** Returns the comparison of a disk that the domain does not have. */
export function detached(disk: InstanceDisk, differences?: readonly Difference[]): ComparedDisk {
  const what = `has no disk at ${disk.target}, but the record has ${disk.id}: ${disk.path}`;
  const reason = `${nameOf(disk)}: missing from the domain: attach ${disk.path} again, or use --disk ${disk.id}=none`;
  return {
    disk,
    differences: differences ?? [{ code: "disk-detached", disk: disk.id, what }],
    reasons: [reason],
  };
}

/** Returns differences between the backing files in the definition and in the images. */
export function compareSaid(id: string, real: RealDisk): readonly Difference[] {
  const { chain, said } = real;
  if (chain === undefined || said === undefined || !isLocal(real.disk)) return [];
  if (chain.problem !== undefined || chain.missing !== undefined) return [];
  const { base, baseIdentity: identity } = chain;
  const found = [
    ...chain.layers.slice(1),
    ...(base === undefined ? [] : [{ path: base, identity }]),
  ];
  const isSame = (a: NamedFile, b: NamedFile | undefined): boolean =>
    a.path === b?.path || (a.identity !== undefined && a.identity === b?.identity);
  const wrong = said.findIndex((file, index) => !isSame(file, found[index]));
  if (wrong === -1 && (said.length > 0 || found.length === 0)) return [];
  const says = said[Math.max(wrong, 0)]?.path ?? "nothing";
  const is = found[Math.max(wrong, 0)]?.path ?? "nothing";
  const what = `is defined with ${says} as backing file of ${id}, but the image itself names ${is}`;
  return [{ code: "disk-chain", disk: id, what }];
}
