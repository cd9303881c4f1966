import type { Disk } from "../../appliance/index.ts";
import type { StorageCheck } from "./storage-check.ts";
import { isOpaque, plainDevice } from "./device-names.ts";
import { groupBy } from "./group-by.ts";
import type { PlannedPartition } from "./read-layout.ts";

const MIB = 1_048_576;

/** Space for partition table and alignment: the first and the last MiB of a disk. */
const TABLE_MIB = 2;

/** Space that LVM reserves on each physical volume: one extent. */
const EXTENT_MIB = 4;

function sizeOf(disk: Disk): number {
  return Math.floor((disk.sizeBytes ?? 0) / MIB);
}

function sum(partitions: readonly { readonly sizeMiB: number }[]): number {
  return partitions.reduce((total, { sizeMiB }) => total + sizeMiB, 0);
}

/** Total size of the partitions on one disk, and the last of them. */
interface DiskLoad {
  readonly sumMiB: number;
  readonly last: PlannedPartition;
}

function loadsOf(partitions: readonly PlannedPartition[]): ReadonlyMap<string, DiskLoad> {
  const loads = new Map<string, DiskLoad>();
  for (const partition of partitions) {
    if (partition.disk === undefined) continue;
    const name = plainDevice(partition.disk);
    const sumMiB = (loads.get(name)?.sumMiB ?? 0) + partition.sizeMiB;
    loads.set(name, { sumMiB, last: partition });
  }
  return loads;
}

/** Disks that are available for partitions, and their loads. */
interface Room {
  readonly check: StorageCheck;
  readonly usable: ReadonlyMap<string, Disk>;
  readonly loads: ReadonlyMap<string, DiskLoad>;
}

/** Returns the free space on a disk, in MiB; unlimited for an unknown disk. */
function leftOn(name: string, { check, loads }: Room): number {
  const disk = check.disks.get(name);
  if (disk === undefined) return Infinity;
  return sizeOf(disk) - TABLE_MIB - (loads.get(name)?.sumMiB ?? 0);
}

/** Returns the largest free space on any usable disk, in MiB. */
function mostLeft(room: Room): number {
  let most = -Infinity;
  for (const name of room.usable.keys()) most = Math.max(most, leftOn(name, room));
  return most;
}

function checkGroups(room: Room): void {
  const { layout, findings } = room.check;
  const most = mostLeft(room);
  /** Maximum size of a partition: its own size or, if it grows, the space that others leave on the disk. */
  const capacityOf = ({ grows, disk, sizeMiB }: PlannedPartition): number => {
    if (!grows) return sizeMiB;
    const left = disk === undefined ? most : leftOn(plainDevice(disk), room) + sizeMiB;
    return Math.max(sizeMiB, left);
  };
  const byMount = groupBy(layout.partitions, ({ mount }) => mount);
  // Volumes in a thin pool share its space.
  const thick = layout.volumes.filter(
    ({ by }) => !by.item.words.some(({ value }) => value === "--thin"),
  );
  const wantedOf = groupBy(thick, ({ group }) => group);
  for (const group of layout.groups) {
    if (group.by.item.name !== "volgroup") continue;
    const members = [...new Set(group.members)].flatMap((member) => byMount.get(member) ?? []);
    if (members.length !== group.members.length) continue;
    const room = members.reduce((total, member) => total + capacityOf(member) - EXTENT_MIB, 0);
    const wanted = sum(wantedOf.get(group.name) ?? []);
    if (wanted <= Math.max(room, 0)) continue;
    const message = `volgroup ${group.name}: its volumes need ${wanted} MiB, but it has at most ${room} MiB`;
    findings.report("error", "group-full", message, group.by);
  }
}

/** Reports disks that are too small for their partitions, and volume groups that are too small for their volumes. */
export function checkSizes(check: StorageCheck, usable: ReadonlyMap<string, Disk>): void {
  const { layout, disks, findings } = check;
  const loads = loadsOf(layout.partitions);
  for (const [name, disk] of disks) {
    const load = loads.get(name);
    const wanted = (load?.sumMiB ?? 0) + TABLE_MIB;
    if (load === undefined || disk.sizeBytes === undefined || wanted <= sizeOf(disk)) continue;
    const message = `disk ${name}: partitions and their table need ${wanted} MiB, but in the descriptor it has ${sizeOf(disk)} MiB`;
    findings.report("error", "disk-full", message, load.last.by);
  }
  const anywhere = layout.partitions.filter(({ disk }) => disk === undefined);
  const opaque = layout.partitions.some(({ disk }) => disk !== undefined && isOpaque(disk));
  const [first] = anywhere;
  if (first !== undefined && !opaque) {
    const room = [...usable.values()].reduce((total, disk) => total + sizeOf(disk) - TABLE_MIB, 0);
    const wanted = sum(layout.partitions);
    if (wanted > room) {
      const message = `partitions need ${wanted} MiB, but the usable disks have ${room} MiB together`;
      findings.report("error", "disk-full", message, first.by);
    }
  }
  checkGroups({ check, usable, loads });
}
