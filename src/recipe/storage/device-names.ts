import type { Appliance, Boot, Disk } from "../../appliance/index.ts";

/** Letters of a device name for a place in a row: `a`, `b`, ..., `z`, `aa`. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}

/**
 * Returns the name that the installer finds each disk under. A target on a paravirtual, SATA or Xen bus is the name;
 * every other disk is put on the paravirtual bus, where names are given in order.
 */
export function deviceNames(appliance: Appliance, boot: Boot): ReadonlyMap<string, Disk> {
  const names = new Map<string, Disk>();
  const unnamed: Disk[] = [];
  for (const { disk: id, target } of boot.drives) {
    const disk = appliance.disks.find((each) => each.id === id);
    if (disk === undefined || disk.format === "iso") continue;
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

/** Returns the disk's name in a reference: `/dev/vda` and `vda` alike. */
export function plainDevice(reference: string): string {
  return reference.replace(/^\/dev\//, "");
}

/** Returns the disk of a partition's name (`vda1`), or of a disk's own. */
export function diskOfPartition(reference: string): string {
  // The lookbehind keeps it from trying at each digit of many.
  return plainDevice(reference).replace(/(?<!\d)\d+$/, "");
}

/** Returns whether a reference is no plain device name, so that only the installer can tell what it means. */
export function isOpaque(reference: string): boolean {
  return /[*?[\]|]/.test(reference) || /[/=]/.test(plainDevice(reference));
}
