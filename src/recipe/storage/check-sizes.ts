import type { Disk } from "../../appliance/index.ts";
import type { StorageCheck } from "./check-storage.ts";
import { isOpaque, plainDevice } from "./device-names.ts";
import type { PlannedPartition } from "./read-layout.ts";

const MIB = 1_048_576;

/** Partition table and alignment: the first and the last MiB of a disk. */
const TABLE_MIB = 2;

/** What LVM keeps of each physical volume for itself: one extent. */
const EXTENT_MIB = 4;

function sizeOf(disk: Disk): number {
  return Math.floor((disk.sizeBytes ?? 0) / MIB);
}

function sum(partitions: readonly { readonly sizeMiB: number }[]): number {
  return partitions.reduce((total, { sizeMiB }) => total + sizeMiB, 0);
}

/** Most that a partition can have: its own size, or what others leave of the disk when it grows. */
function capacityOf(
  partition: PlannedPartition,
  check: StorageCheck,
  usable: ReadonlyMap<string, Disk>,
): number {
  if (!partition.grows) return partition.sizeMiB;
  const names = partition.disk === undefined ? [...usable.keys()] : [plainDevice(partition.disk)];
  const rooms = names.map((name) => {
    const disk = check.disks.get(name);
    const others = check.layout.partitions.filter(
      (each) => each !== partition && each.disk !== undefined && plainDevice(each.disk) === name,
    );
    return disk === undefined ? Infinity : sizeOf(disk) - TABLE_MIB - sum(others);
  });
  return Math.max(partition.sizeMiB, ...rooms);
}

function checkGroups(check: StorageCheck, usable: ReadonlyMap<string, Disk>): void {
  const { layout, findings } = check;
  for (const group of layout.groups) {
    if (group.by.item.name !== "volgroup") continue;
    const volumes = layout.volumes.filter((volume) => volume.group === group.name);
    const members = layout.partitions.filter(({ mount }) => group.members.includes(mount));
    if (members.length !== group.members.length || volumes.length === 0) continue;
    const room = members.reduce(
      (total, member) => total + capacityOf(member, check, usable) - EXTENT_MIB,
      0,
    );
    // Volumes in a thin pool share its room.
    const thick = volumes.filter(
      ({ by }) => !by.item.words.some(({ value }) => value === "--thin"),
    );
    const wanted = sum(thick);
    if (wanted <= room) continue;
    const message = `volgroup ${group.name}: its volumes want ${wanted} MiB, it has at most ${room} MiB`;
    findings.report("error", "group-full", message, group.by);
  }
}

/** Reports disks and volume groups that are too small for what is put on them. */
export function checkSizes(check: StorageCheck, usable: ReadonlyMap<string, Disk>): void {
  const { layout, disks, findings } = check;
  for (const [name, disk] of disks) {
    const on = layout.partitions.filter(
      (partition) => partition.disk !== undefined && plainDevice(partition.disk) === name,
    );
    const last = on.at(-1);
    const wanted = sum(on) + TABLE_MIB;
    if (last === undefined || disk.sizeBytes === undefined || wanted <= sizeOf(disk)) continue;
    const message = `disk ${name}: partitions and their table want ${wanted} MiB, the descriptor gives it ${sizeOf(disk)} MiB`;
    findings.report("error", "disk-full", message, last.by);
  }
  const anywhere = layout.partitions.filter(({ disk }) => disk === undefined);
  const opaque = layout.partitions.some(({ disk }) => disk !== undefined && isOpaque(disk));
  const [first] = anywhere;
  if (first !== undefined && !opaque) {
    const room = [...usable.values()].reduce((total, disk) => total + sizeOf(disk) - TABLE_MIB, 0);
    const wanted = sum(layout.partitions);
    if (wanted > room) {
      const message = `partitions want ${wanted} MiB, the usable disks have ${room} MiB together`;
      findings.report("error", "disk-full", message, first.by);
    }
  }
  checkGroups(check, usable);
}
