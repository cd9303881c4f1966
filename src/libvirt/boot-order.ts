import type { Domain, DomainDisk } from "./domain.ts";

/** Which disks of a machine are tried for booting. */
export interface BootOrder {
  /** Those that are tried, the first one first. */
  readonly tried: readonly DomainDisk[];
  /** The others, as libvirt attaches them. */
  readonly others: readonly DomainDisk[];
}

/** Buses that libvirt takes for a disk that names none, by the letters of its target. */
const busOfPrefix: Readonly<Record<string, string>> = {
  fd: "fdc",
  hd: "ide",
  sd: "scsi",
  ub: "usb",
  vd: "virtio",
  xvd: "xen",
};

/** Kinds of disks by the word that stands for them in `<boot dev>`. */
const kindsOfDevice: Readonly<Record<string, readonly string[]>> = {
  hd: ["disk", "lun"],
  cdrom: ["cdrom"],
  fd: ["floppy"],
};

function busOf({ bus, target = "" }: DomainDisk): string {
  return bus ?? busOfPrefix[/^(x?[a-z]d|ub)/.exec(target)?.[1] ?? ""] ?? "";
}

/** Returns the number that the letters of a target are: a is 0, z 25, aa 26. */
function indexOf({ target = "" }: DomainDisk): number {
  const letters = /^(?:x?[a-z]d|ub)([a-z]+)/.exec(target)?.[1] ?? "";
  let index = 0;
  for (const letter of letters) index = index * 26 + letter.charCodeAt(0) - 96;
  return index - 1;
}

/** Returns the disks as libvirt sorts them: by bus, in the order in which the buses come, then by target. */
function asAttached(disks: readonly DomainDisk[]): readonly DomainDisk[] {
  const buses = [...new Set(disks.map(busOf))];
  const place = (disk: DomainDisk): number => buses.indexOf(busOf(disk));
  return disks.toSorted((a, b) => place(a) - place(b) || indexOf(a) - indexOf(b));
}

/** Returns the disk that a kernel's command line names as the root file system's. */
function findRoot(
  disks: readonly DomainDisk[],
  cmdline: string | undefined,
): readonly DomainDisk[] {
  const roots = [...(cmdline ?? "").matchAll(/(?:^|\s)root=\/dev\/([a-z]+)\d*(?=\s|$)/g)];
  const name = roots.at(-1)?.[1];
  return disks.filter(({ device, target }) => device === "disk" && target === name);
}

function triedOf({ os, hasDeviceOrder }: Domain, disks: readonly DomainDisk[]): DomainDisk[] {
  // The kernel decides what is the root, the firmware is not asked.
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
 * Returns in which order a machine tries its disks, as libvirt tells QEMU: by the order that devices have, and only
 * those then; else for each `<boot dev>` the first of its kind, by bus and target. A kernel that is booted directly
 * takes the disk that its command line names as root.
 */
export function bootOrderOf(domain: Domain): BootOrder {
  const disks = asAttached(domain.disks);
  const tried = [...new Set(triedOf(domain, disks))];
  return { tried, others: disks.filter((disk) => !tried.includes(disk)) };
}
