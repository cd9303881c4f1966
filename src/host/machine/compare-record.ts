import type { Generation, Instance, InstanceDisk, Seed } from "../instance.ts";
import { compareFound, comparePlaced, compareSaid, detached, findByFile } from "./compare-disk.ts";
import type { ComparedDisk, Difference } from "./compare-disk.ts";
import type { Machine, RealDisk } from "./read-machine.ts";

/** A record, held against the domain. */
export interface Comparison {
  /** None: the record says what is. */
  readonly differences: readonly Difference[];
  /** The record as the domain is. */
  readonly instance: Instance;
  /** Why it cannot be written so, one sentence each. */
  readonly reasons: readonly string[];
}

/** In the place of a device name: the domain has no such disk. */
const NONE = "none";

/** Which disk of the domain each recorded disk is; undefined: none. */
type Matches = ReadonlyMap<
  InstanceDisk,
  { readonly real: RealDisk; readonly by: "file" | "place" }
>;

/** Finds recorded disks in the domain: by their files, and else by their places, which nothing else may have. */
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
  // A file that is missing is another fault than one that moved.
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

/** Returns the disc of the parameters where the domain has it. */
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

/** Returns the version of before with the disks that both versions share as they are now. */
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
 * Holds the record of a VM against what its domain really is. The domain is right; the record says what was meant.
 *
 * @param given  device names by id of the disk, as the administrator tells; `none`: the domain does not have it
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

/** Returns the differences that the record has to follow, or the administrator to deal with; a disk more is none. */
export function faultsOf({ differences }: Comparison): readonly Difference[] {
  return differences.filter(({ code }) => code !== "disk-added");
}
