import type { Generation, Instance, InstanceDisk, Seed } from "../instance/instance.ts";
import {
  type ComparedDisk,
  compareFound,
  comparePlaced,
  compareSaid,
  detached,
  type Difference,
  findByFile,
} from "./compare-disk.ts";
import type { Machine, RealDisk } from "./read-machine.ts";

/** A record compared with its domain. */
export interface Comparison {
  /** Empty if the record is correct. */
  readonly differences: readonly Difference[];
  /** The record as it should be for the domain. */
  readonly instance: Instance;
  /** Why it cannot be updated, one sentence each. */
  readonly reasons: readonly string[];
}

/** Instead of a device name: the domain has no such disk. */
const NONE = "none";

/** The domain's disk for each recorded disk; undefined if there is none. */
type Matches = ReadonlyMap<
  InstanceDisk,
  { readonly real: RealDisk; readonly by: "file" | "place" }
>;

/** Finds recorded disks in the domain: by file, otherwise by device, if no other disk was matched to it. */
function matchDisks(
  disks: readonly InstanceDisk[],
  machine: Machine,
  given: Readonly<Record<string, string>>,
): Matches {
  const matches = new Map<InstanceDisk, { real: RealDisk; by: "file" | "place" }>();
  const taken = new Set<RealDisk>();
  const take = (disk: InstanceDisk, real: RealDisk | undefined, by: "file" | "place"): void => {
    if (real === undefined || taken.has(real)) return;
    matches.set(disk, { real, by });
    taken.add(real);
  };
  for (const disk of disks)
    if (Object.hasOwn(given, disk.id))
      take(
        disk,
        machine.disks.find((each) => each.disk.target === given[disk.id]),
        "place",
      );
  const open = disks.filter((disk) => !Object.hasOwn(given, disk.id));
  for (const disk of open) take(disk, findByFile(disk, machine), "file");
  for (const disk of open.filter((each) => !matches.has(each)))
    take(
      disk,
      machine.disks.find((each) => each.disk.target === disk.target),
      "place",
    );
  return matches;
}

function compareOne(disk: InstanceDisk, machine: Machine, matches: Matches): ComparedDisk {
  const match = matches.get(disk);
  if (match === undefined) return detached(disk);
  const { real } = match;
  // A missing file is not the same as a moved one.
  if (real.disk.source === disk.path && real.chain?.layers.length === 0 && disk.kind !== "base")
    return { disk, differences: [], reasons: [] };
  const isSame = match.by === "file" || findByFile(disk, { ...machine, disks: [real] }) === real;
  const found = isSame ? compareFound(disk, real, machine) : comparePlaced(disk, real);
  if (real.live === undefined) return found;
  const what = `runs with ${real.live} as ${disk.id}, but will start with ${real.disk.source ?? "nothing"}`;
  return {
    ...found,
    differences: [...found.differences, { code: "disk-running", disk: disk.id, what }],
    reasons: [...found.reasons, `disk ${disk.id}: it ${what}: shut it down and start it first`],
  };
}

/** Returns the disk with the parameters at its device in the domain. */
function compareSeed(seed: Seed, machine: Machine): Seed {
  const identity = machine.recorded.get(seed.path);
  const there = machine.disks.find(
    ({ disk, chain }) =>
      disk.source === seed.path ||
      (identity !== undefined && chain?.layers[0]?.identity === identity),
  );
  return there === undefined
    ? seed
    : {
        ...seed,
        path: there.disk.source ?? seed.path,
        target: there.disk.target ?? seed.target,
      };
}

function seedDifferences(seed: Seed | undefined, now: Seed | undefined): readonly Difference[] {
  if (seed === undefined || now === undefined) return [];
  if (seed.path === now.path && seed.target === now.target) return [];
  const what = `has its parameter disc ${now.path} at ${now.target}, but the record names ${seed.path} at ${seed.target}`;
  return [{ code: "disk-moved", disk: "seed", what }];
}

/** Returns the previous version, with the present state of the disks that both versions share. */
function followIn(previous: Generation, changed: ReadonlyMap<string, InstanceDisk>): Generation {
  const disks = previous.disks.map((disk) => {
    const now = changed.get(`${disk.id} ${disk.path}`);
    if (now === undefined) return disk;
    const { layers: _, ...plain } = disk;
    const { path, format, kind, target, layers } = now;
    return { ...plain, path, format, kind, target, ...(layers === undefined ? {} : { layers }) };
  });
  return { ...previous, disks };
}

function addedDisks(machine: Machine, instance: Instance, matches: Matches): readonly Difference[] {
  const known = new Set([...matches.values()].map(({ real }) => real));
  return machine.disks.flatMap((real): readonly Difference[] => {
    const { device, target, source } = real.disk;
    if (known.has(real) || !["disk", "lun"].includes(device) || source === undefined) return [];
    if (source === instance.seed?.path || target === instance.seed?.target) return [];
    const name = target ?? source;
    return [{ code: "disk-added", disk: name, what: `has another disk ${name}: ${source}` }];
  });
}

/**
 * Compares the record of a VM with its domain. The domain is correct; the record states the intention.
 *
 * @param given  device names by id of the disk, from the administrator; `none`: the domain does not have it
 */
export function compareRecord(
  instance: Instance,
  machine: Machine,
  given: Readonly<Record<string, string>> = {},
): Comparison {
  const { current, previous, seed } = instance;
  const dropped = current.disks.filter(({ id, role }) => given[id] === NONE && role !== "system");
  const disks = current.disks.filter((disk) => !dropped.includes(disk));
  const matches = matchDisks(disks, machine, given);
  const compared = disks.map((disk) => ({ old: disk, ...compareOne(disk, machine, matches) }));
  const said = compared.flatMap(({ old }) => {
    const real = matches.get(old)?.real;
    return real === undefined ? [] : compareSaid(old.id, real);
  });
  const changed = new Map(compared.map(({ old, disk }) => [`${old.id} ${old.path}`, disk]));
  const now = seed && compareSeed(seed, machine);
  return {
    differences: [
      ...compared.flatMap(({ differences }) => differences),
      ...dropped.map(({ id }): Difference => {
        return { code: "disk-detached", disk: id, what: `has no disk ${id}, as requested` };
      }),
      ...said,
      ...seedDifferences(seed, now),
      ...addedDisks(machine, instance, matches),
    ],
    instance: {
      ...instance,
      current: { ...current, disks: compared.map(({ disk }) => disk) },
      previous: previous && followIn(previous, changed),
      seed: now,
    },
    reasons: [
      ...compared.flatMap(({ reasons }) => reasons),
      ...said.map(({ what }) => `it ${what}: correct it with virsh edit`),
    ],
  };
}

/**
 * Returns the differences that need an update of the record or a decision of the administrator; an added disk needs
 * neither.
 */
export function faultsOf({ differences }: Comparison): readonly Difference[] {
  return differences.filter(({ code }) => code !== "disk-added");
}
