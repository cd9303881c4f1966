import { isDiscFormat } from "../../appliance/index.ts";
import type { Generation, InstanceDisk } from "../instance/instance.ts";

type Disks = Pick<Generation, "disks">;

function isAlike(a: InstanceDisk, b: InstanceDisk): boolean {
  return isDiscFormat(a.format) === isDiscFormat(b.format);
}

function withSameId(disk: InstanceDisk, { disks }: Disks): InstanceDisk | undefined {
  return disks.find((each) => each.id === disk.id && isAlike(each, disk));
}

/**
 * Returns the disk in the other version of a VM: an update keeps its device, but its id may change.
 *
 * @param own  the version of the disk
 */
export function counterpartOf(
  disk: InstanceDisk,
  own: Disks,
  other: Disks,
): InstanceDisk | undefined {
  const byId = withSameId(disk, other);
  if (byId !== undefined) return byId;
  return other.disks.find(
    (each) =>
      each.target === disk.target &&
      each.role === disk.role &&
      isAlike(each, disk) &&
      withSameId(each, own) === undefined,
  );
}
