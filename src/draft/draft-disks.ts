import {
  type Disk,
  type DiskFormat,
  type DiskRole,
  type Drive,
  isDiskFormat,
} from "../appliance/index.ts";
import { bootOrderOf, type Domain, type DomainDisk } from "../libvirt/index.ts";
import { copyAs, type DraftNote, type FileNames, newDiskIds } from "./draft.ts";
import type { DiskProbe } from "./probe-disk.ts";

/** The disks of a domain in the form of an appliance. */
export interface DraftedDisks {
  readonly disks: readonly Disk[];
  readonly drives: readonly Drive[];
  readonly notes: readonly DraftNote[];
}

function nameOf(disk: DomainDisk): string {
  return `disk ${disk.target ?? disk.source ?? "without a device name"}`;
}

function chooseFormat(
  disk: DomainDisk,
  probe: DiskProbe | undefined,
  notes: DraftNote[],
): DiskFormat {
  if (disk.device === "cdrom") return "iso";
  if (disk.format !== undefined && isDiskFormat(disk.format)) return disk.format;
  const format = probe?.format ?? "raw";
  const why =
    disk.format === undefined ? "" : `; the domain has ${disk.format}, which must be converted`;
  notes.push({ kind: "assumed", message: `${nameOf(disk)}: format ${format}${why}` });
  return format;
}

function copyNote(disk: DomainDisk, file: string, probe: DiskProbe | undefined): DraftNote {
  const from = disk.source ?? "";
  if (disk.sourceType !== "file" && disk.sourceType !== "block") {
    return {
      kind: "copy",
      message: `${nameOf(disk)}: ${disk.sourceType} ${from}: export it beside the descriptor as ${file}`,
    };
  }
  if (probe?.hasBackingFile === true) {
    const how = "it has a backing file: flatten it with qemu-img convert to";
    return { kind: "copy", message: `${from}: ${how} ${file}` };
  }
  return copyAs(from, file);
}

/** Buses implied by a target name, by its prefix. */
const busOfPrefix: Readonly<Record<string, string>> = {
  vd: "virtio",
  sd: "sata",
  xvd: "xen",
  hd: "ide",
};

/** Returns notes on properties of a disk that a descriptor cannot express. */
function lostOf(disk: DomainDisk, role: DiskRole): DraftNote[] {
  const { bus, target, device, otherParts } = disk;
  const lost = [...otherParts];
  const prefix = /^(vd|sd|xvd|hd)[a-z]+$/.exec(target ?? "")?.[1] ?? "";
  if (device === "disk" && bus !== undefined && bus !== busOfPrefix[prefix])
    lost.push(`bus ${bus}`);
  if (device === "disk" && disk.isReadOnly) lost.push("<readonly>");
  if (disk.isTransient && role !== "scratch") lost.push("<transient>");
  return lost.map((what) => ({
    kind: "lost",
    message: `${nameOf(disk)}: ${what} cannot be expressed`,
  }));
}

/** Volume labels of discs with settings for a machine: cloud-init's NoCloud and OpenStack. */
const seedLabels: readonly (string | undefined)[] = ["cidata", "config-2"];

function dropped(disk: DomainDisk, what: string): DraftNote {
  return { kind: "dropped", message: `${nameOf(disk)}: ${what}` };
}

/** Returns why a disk is left out of the appliance, or undefined. */
function refusal(
  disk: DomainDisk,
  order: DraftedOrder,
  probe: DiskProbe | undefined,
): DraftNote | undefined {
  const { device, source, sourceType } = disk;
  if (device !== "disk" && device !== "cdrom")
    return { kind: "lost", message: `${nameOf(disk)}: device ${device} cannot be expressed` };
  if (device === "cdrom" && source === undefined)
    return dropped(disk, "a CD-ROM drive without a medium");
  if (seedLabels.includes(probe?.volumeLabel?.toLowerCase()))
    return dropped(disk, `${source}, which contains the settings of this machine`);
  if (device === "cdrom" && !(order.bootsFromCdrom && order.tried.includes(disk)))
    return dropped(disk, `a CD-ROM drive with ${source}`);
  if (source !== undefined) return undefined;
  const what = `${sourceType} without a name cannot be expressed`;
  return { kind: "lost", message: `${nameOf(disk)}: ${what}` };
}

/** Boot order of the disks, as far as a descriptor can express it. */
interface DraftedOrder {
  /** Disks with a medium, in the order in which they are tried. */
  readonly tried: readonly DomainDisk[];
  /** All disks, in boot order first. */
  readonly all: readonly DomainDisk[];
  readonly bootsFromCdrom: boolean;
}

function orderOf(domain: Domain): DraftedOrder {
  const { tried, others } = bootOrderOf(domain);
  const all = [...tried, ...others];
  const filled = tried.filter(({ source }) => source !== undefined);
  return { tried: filled, all, bootsFromCdrom: filled[0]?.device === "cdrom" };
}

/** Returns whether a machine boots from the disc in its CD-ROM drive. */
export function bootsFromCdrom(domain: Domain): boolean {
  if (domain.disks.length === 0) return domain.os.bootDevices[0] === "cdrom";
  return orderOf(domain).bootsFromCdrom;
}

/** Returns the hard disk that the machine boots from; undefined if it boots only from a disc. */
function systemDiskOf(kept: readonly DomainDisk[], order: DraftedOrder): DomainDisk | undefined {
  const isHard = ({ device }: DomainDisk): boolean => device === "disk";
  const booted = order.tried.find((disk) => isHard(disk) && kept.includes(disk));
  if (booted !== undefined || order.bootsFromCdrom) return booted;
  return kept.find((disk) => isHard(disk) && !disk.isReadOnly) ?? kept.find(isHard);
}

function targetOf({ target }: DomainDisk, taken: Set<string>): string | undefined {
  const isUsable = target !== undefined && /^[a-z]{2,8}[0-9]{0,3}$/.test(target);
  if (!isUsable || taken.has(target)) return undefined;
  taken.add(target);
  return target;
}

/** Returns a note on a place in the boot order that the order of drives cannot express. */
function lostOrder(disk: DomainDisk, first: DomainDisk | undefined): DraftNote[] {
  if (disk.bootOrder === undefined || disk === first) return [];
  const message = `${nameOf(disk)}: boot order ${disk.bootOrder} cannot be expressed`;
  return [{ kind: "lost", message }];
}

/**
 * Returns the disks of a domain with plain file names and stable ids. The boot disk becomes the system disk and comes
 * first; the others become data disks.
 *
 * @param options.probes  facts about readable disks, by source
 */
export function draftDisks(
  domain: Domain,
  options: { readonly names: FileNames; readonly probes: ReadonlyMap<string, DiskProbe> },
): DraftedDisks {
  const notes: DraftNote[] = [];
  const disks: Disk[] = [];
  const drives: Drive[] = [];
  const targets = new Set<string>();
  const ids = newDiskIds();
  const order = orderOf(domain);
  const probeOf = (disk: DomainDisk): DiskProbe | undefined =>
    options.probes.get(disk.source ?? "");
  const kept = order.all.filter((disk) => {
    const refused = refusal(disk, order, probeOf(disk));
    if (refused !== undefined) notes.push(refused);
    return refused === undefined;
  });
  const system = systemDiskOf(kept, order);
  const first = order.bootsFromCdrom ? kept.find(({ device }) => device === "cdrom") : system;
  const isFirstSaid = first === undefined || domain.disks.find((d) => kept.includes(d)) === first;
  if (!isFirstSaid)
    notes.push({ kind: "assumed", message: `${nameOf(first)}: the machine boots from it` });
  for (const disk of first === undefined ? kept : [first, ...kept.filter((d) => d !== first)]) {
    const probe = probeOf(disk);
    const format = chooseFormat(disk, probe, notes);
    const file = options.names.nameFor(disk.source ?? "", `.${format}`);
    const sizeBytes = probe?.format === format ? probe.virtualSizeBytes : undefined;
    const isSystem = disk === system || disk.isReadOnly || disk.device === "cdrom";
    const isScratch = disk.isTransient && sizeBytes !== undefined && !isSystem;
    const role: DiskRole = isSystem ? "system" : isScratch ? "scratch" : "data";
    const id = ids.idFor(disk === first ? "system" : file);
    disks.push({ id, file, role, format, sizeBytes, checksums: [], line: 1 });
    drives.push({ disk: id, target: targetOf(disk, targets), line: 1 });
    if (role !== "scratch") notes.push(copyNote(disk, file, probe));
    notes.push({ kind: "assumed", message: `${nameOf(disk)}: ${file} is a ${role} disk` });
    notes.push(...lostOrder(disk, first), ...lostOf(disk, role));
  }
  return { disks, drives, notes };
}
