import type { Disk } from "../../appliance/index.ts";
import type { StorageCheck } from "./storage-check.ts";
import { isOpaque, plainDevice } from "./device-names.ts";
import type { PlannedPartition } from "./read-layout.ts";

/** Reports partitions, groups and volumes beside `autopart`. Installers reject a kickstart with both. */
function checkAutopart({ layout, findings }: StorageCheck): void {
  if (layout.autopart === undefined) return;
  for (const { by } of [...layout.partitions, ...layout.groups, ...layout.volumes]) {
    const message = `${by.item.name}: cannot be used with autopart, expected one or the other`;
    findings.report("error", "layout-mixed", message, by);
  }
}

/** Reports partitions on disks that `ignoredisk` excludes. */
function checkIgnored(check: StorageCheck, usable: ReadonlyMap<string, Disk>): void {
  for (const { disk, by } of check.layout.partitions) {
    if (disk === undefined || isOpaque(disk)) continue;
    const name = plainDevice(disk);
    if (!check.disks.has(name) || usable.has(name)) continue;
    const message = `${by.item.name}: disk "${disk}" is excluded by ignoredisk`;
    check.findings.report("error", "disk-ignored", message, by);
  }
}

/** Reports a second partition with the same mount point. */
function checkRepeated({ layout, findings }: StorageCheck): void {
  const first = new Map<string, PlannedPartition>();
  for (const partition of layout.partitions) {
    const { mount, by } = partition;
    const earlier = first.get(mount);
    first.set(mount, earlier ?? partition);
    if (earlier === undefined || !mount.startsWith("/")) continue;
    const message = `${by.item.name} ${mount}: appears twice, first in line ${earlier.by.item.line}`;
    findings.report("warning", "repeated", message, by);
  }
}

/** Reports commands of a layout that conflict with each other. */
export function checkConflicts(check: StorageCheck, usable: ReadonlyMap<string, Disk>): void {
  checkAutopart(check);
  checkIgnored(check, usable);
  checkRepeated(check);
}
