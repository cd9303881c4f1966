import { type Appliance, type Boot, type Disk, isDiscFormat } from "../../appliance/index.ts";

/** Returns the letters of a device name for an index: `a`, `b`, ..., `z`, `aa`. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}

/**
 * Returns the disks by their device names in the installer. A target on a paravirtual, SATA or Xen bus is the name.
 * Every other disk is attached to the paravirtual bus, where names are assigned in order.
 */
export function deviceNames(appliance: Appliance, boot: Boot): ReadonlyMap<string, Disk> {
  const names = new Map<string, Disk>();
  const unnamed: Disk[] = [];
  for (const { disk: id, target } of boot.drives) {
    const disk = appliance.disks.find((each) => each.id === id);
    if (disk === undefined || isDiscFormat(disk.format)) continue;
    if (target !== undefined && /^(vd|sd|xvd)[a-z]+$/.test(target)) names.set(target, disk);
    else unnamed.push(disk);
  }
  let index = 0;
  for (const disk of unnamed) {
    while (names.has(`vd${letters(index)}`)) index++;
    names.set(`vd${letters(index)}`, disk);
  }
  return new Map([...names].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Returns a reference to a disk without `/dev/`. */
export function plainDevice(reference: string): string {
  return reference.replace(/^\/dev\//, "");
}

/** Returns the name of the disk for the name of a partition (`vda1`) or of a disk. */
export function diskOfPartition(reference: string): string {
  // The lookbehind prevents a match attempt at every digit of a long number.
  return plainDevice(reference).replace(/(?<!\d)\d+$/, "");
}

/** Returns whether a reference is not a plain device name, so that only the installer can resolve it. */
export function isOpaque(reference: string): boolean {
  return /[*?[\]|]/.test(reference) || /[/=]/.test(plainDevice(reference));
}
