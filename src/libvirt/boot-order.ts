import type { Domain, DomainDisk } from "./domain.ts";

/** Disks of a machine, divided by whether the machine tries to boot from them. */
export interface BootOrder {
  /** Disks that are tried, in boot order. */
  readonly tried: readonly DomainDisk[];
  /** All other disks, in the order in which libvirt attaches them. */
  readonly others: readonly DomainDisk[];
}

/** Default bus of a disk without a `bus` attribute, by the prefix of its target name, as in libvirt. */
const busOfPrefix: Readonly<Record<string, string>> = {
  fd: "fdc",
  hd: "ide",
  sd: "scsi",
  ub: "usb",
  vd: "virtio",
  xvd: "xen",
};

/** Device types of disks that each value of `<boot dev>` covers. */
const kindsOfDevice: Readonly<Record<string, readonly string[]>> = {
  hd: ["disk", "lun"],
  cdrom: ["cdrom"],
  fd: ["floppy"],
};

function busOf({ bus, target = "" }: DomainDisk): string {
  return bus ?? busOfPrefix[/^(x?[a-z]d|ub)/.exec(target)?.[1] ?? ""] ?? "";
}

/** Returns the index of a target name from its letters: a is 0, z is 25, aa is 26. */
function indexOf({ target = "" }: DomainDisk): number {
  const letters = /^(?:x?[a-z]d|ub)([a-z]+)/.exec(target)?.[1] ?? "";
  let index = 0;
  for (const letter of letters) index = index * 26 + letter.charCodeAt(0) - 96;
  return index - 1;
}

/** Returns the disks in libvirt's order: by bus, in the order of each bus's first disk, then by target. */
function asAttached(disks: readonly DomainDisk[]): readonly DomainDisk[] {
  const buses = [...new Set(disks.map(busOf))];
  const place = (disk: DomainDisk): number => buses.indexOf(busOf(disk));
  return disks.toSorted((a, b) => place(a) - place(b) || indexOf(a) - indexOf(b));
}

/** Returns the disk with the root file system, as `root=` on the kernel command line names it. */
function findRoot(
  disks: readonly DomainDisk[],
  cmdline: string | undefined,
): readonly DomainDisk[] {
  const roots = [...(cmdline ?? "").matchAll(/(?:^|\s)root=\/dev\/([a-z]+)\d*(?=\s|$)/g)];
  const name = roots.at(-1)?.[1];
  return disks.filter(({ device, target }) => device === "disk" && target === name);
}

function triedOf({ os, hasDeviceOrder }: Domain, disks: readonly DomainDisk[]): DomainDisk[] {
  // With direct kernel boot the kernel selects the root disk; the firmware's boot order is not used.
  if (os.kernel !== undefined) {
    const root = findRoot(disks, os.cmdline);
    if (root.length > 0) return [...root];
  }
  if (os.type === "hvm" && hasDeviceOrder) {
    return disks
      .filter((disk) => disk.bootOrder !== undefined)
      .toSorted((a, b) => (a.bootOrder ?? 0) - (b.bootOrder ?? 0));
  }
  const devices = os.bootDevices.length === 0 ? ["hd"] : os.bootDevices;
  return devices.flatMap((device) => {
    const kinds = kindsOfDevice[device] ?? [];
    return disks.find((disk) => kinds.includes(disk.device)) ?? [];
  });
}

/**
 * Returns the order in which a machine tries its disks, as libvirt passes it to QEMU. If any device has a
 * `<boot order>`, only devices with one are tried, in that order. Otherwise each `<boot dev>` selects the first disk of
 * its kind, by bus and target. With direct kernel boot, the disk that the kernel command line names as root is used.
 */
export function bootOrderOf(domain: Domain): BootOrder {
  const disks = asAttached(domain.disks);
  const tried = [...new Set(triedOf(domain, disks))];
  return { tried, others: disks.filter((disk) => !tried.includes(disk)) };
}
