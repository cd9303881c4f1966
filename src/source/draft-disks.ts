import type { Disk, DiskFormat, DiskRole, Drive } from "../appliance/index.ts";
import type { Domain, DomainDisk } from "../libvirt/index.ts";
import { copyAs } from "./draft.ts";
import type { DraftNote, FileNames } from "./draft.ts";
import type { DiskProbe } from "./probe-disk.ts";

const formats: readonly DiskFormat[] = ["raw", "iso", "qcow", "qcow2", "vmdk", "vdi"];

/** The disks of a domain as an appliance has them. */
export interface DraftedDisks {
  readonly disks: readonly Disk[];
  readonly drives: readonly Drive[];
  readonly notes: readonly DraftNote[];
}

function nameOf(disk: DomainDisk): string {
  return `disk ${disk.target ?? disk.source ?? "without target"}`;
}

function chooseFormat(
  disk: DomainDisk,
  probe: DiskProbe | undefined,
  notes: DraftNote[],
): DiskFormat {
  if (disk.device === "cdrom") return "iso";
  const said = formats.find((format) => format === disk.format);
  if (said !== undefined) return said;
  const format = probe?.format ?? "raw";
  const why =
    disk.format === undefined ? "" : `; the domain says ${disk.format}, which must be converted`;
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

/** Buses that the name of a target stands for, by the letters it begins with. */
const busOfPrefix: Readonly<Record<string, string>> = {
  vd: "virtio",
  sd: "sata",
  xvd: "xen",
  hd: "ide",
};

/** Answers notes on what a disk of the appliance was and cannot be told to be. */
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

/** Tells why a disk does not become one of the appliance's, or nothing. */
function refusal(disk: DomainDisk, bootsFromCdrom: boolean): DraftNote | undefined {
  if (disk.device !== "disk" && disk.device !== "cdrom") {
    return { kind: "lost", message: `${nameOf(disk)}: device ${disk.device} cannot be expressed` };
  }
  if (disk.device === "cdrom" && (disk.source === undefined || !bootsFromCdrom)) {
    return {
      kind: "dropped",
      message: `${nameOf(disk)}: a cdrom drive ${disk.source === undefined ? "without medium" : `with ${disk.source}`}`,
    };
  }
  if (disk.source === undefined) {
    return {
      kind: "lost",
      message: `${nameOf(disk)}: ${disk.sourceType} without a name cannot be expressed`,
    };
  }
  return undefined;
}

/**
 * Answers the disks of a domain with plain file names: the first is taken for the system disk, the others for data.
 *
 * @param options.probes  what is known of the disks whose files could be read, by source
 */
export function draftDisks(
  domain: Domain,
  options: { readonly names: FileNames; readonly probes: ReadonlyMap<string, DiskProbe> },
): DraftedDisks {
  const notes: DraftNote[] = [];
  const disks: Disk[] = [];
  const drives: Drive[] = [];
  const targets = new Set<string>();
  const bootsFromCdrom = domain.os.bootDevices[0] === "cdrom";
  for (const disk of domain.disks) {
    const refused = refusal(disk, bootsFromCdrom);
    if (refused !== undefined) {
      notes.push(refused);
      continue;
    }
    const source = disk.source ?? "";
    const probe = options.probes.get(source);
    const format = chooseFormat(disk, probe, notes);
    const file = options.names.nameFor(source, `.${format}`);
    const sizeBytes = probe?.format === format ? probe.virtualSizeBytes : undefined;
    const isSystem =
      disk.isReadOnly || disk.device === "cdrom" || disks.every((d) => d.role !== "system");
    const isScratch = disk.isTransient && sizeBytes !== undefined && !isSystem;
    const role: DiskRole = isSystem ? "system" : isScratch ? "scratch" : "data";
    disks.push({ id: file, file, role, format, sizeBytes, checksums: [], line: 1 });
    const target =
      disk.target !== undefined &&
      /^[a-z]{2,8}[0-9]{0,3}$/.test(disk.target) &&
      !targets.has(disk.target)
        ? disk.target
        : undefined;
    if (target !== undefined) targets.add(target);
    drives.push({ disk: file, target, line: 1 });
    if (role !== "scratch") notes.push(copyNote(disk, file, probe));
    notes.push({ kind: "assumed", message: `${nameOf(disk)}: ${file} is a ${role} disk` });
    notes.push(...lostOf(disk, role));
  }
  return { disks, drives, notes };
}
