import path from "node:path";
import { countOf } from "../../lib/count-of.ts";
import {
  type Disk,
  type DiskRole,
  type Drive,
  isDiscFormat,
  withoutImageSuffix,
} from "../../appliance/index.ts";
import type { DomainDisk } from "../../libvirt/index.ts";
import type { InstanceDisk } from "../instance/instance.ts";
import type { HostStep } from "../steps/host-steps.ts";
import type { ExportState } from "./export-state.ts";

/** The disks of a VM in the form of an appliance. */
export interface ExportedDisks {
  readonly disks: readonly Disk[];
  readonly drives: readonly Drive[];
  readonly steps: readonly HostStep[];
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
}

/** A disk to be exported. */
interface Chosen {
  readonly disk: DomainDisk;
  readonly source: string;
  /** Undefined for a disk added by the administrator. */
  readonly own: InstanceDisk | undefined;
}

/** Gives unique file names in the appliance. */
export interface NameGiver {
  give(wanted: string, extension: string): string;
}

/** Returns an empty list of names. */
export function openNames(): NameGiver {
  const taken = new Set<string>(["appliance.xml"]);
  return {
    give(wanted, extension) {
      const plain = path
        .basename(wanted)
        .replaceAll(/[^\w.+-]/g, "-")
        .replace(/^[-.]+/, "");
      const stem = withoutImageSuffix(plain) || "disk";
      for (let n = 1; ; n += 1) {
        const name = `${stem}${n === 1 ? "" : `-${n}`}${extension}`;
        if (taken.has(name.toLowerCase())) continue;
        taken.add(name.toLowerCase());
        return name;
      }
    },
  };
}

/** Returns the disks to export: the appliance's, and those that the administrator added. */
function choose(state: ExportState): { chosen: readonly Chosen[]; reasons: readonly string[] } {
  const { domain, found } = state;
  const { current, seed } = found.instance;
  const chosen: Chosen[] = [];
  const reasons: string[] = [];
  for (const disk of domain.disks) {
    const own = current.disks.find(({ target }) => target === disk.target);
    const isOther = disk.device !== "disk" || disk.target === seed?.target;
    if (own === undefined && isOther) continue;
    const name = `disk ${disk.target ?? "without a device name"}`;
    if (disk.source === undefined || !["file", "block"].includes(disk.sourceType))
      reasons.push(`${name}: has type ${disk.sourceType}, expected a file or a device`);
    else if (!isDiscFormat(own?.format) && !["qcow2", "raw", undefined].includes(disk.format))
      reasons.push(`${name}: format is ${disk.format}, expected qcow2 or raw`);
    else if (state.disks.get(disk.source) === undefined)
      reasons.push(`${name}: ${disk.source} cannot be read`);
    else chosen.push({ disk, source: disk.source, own });
  }
  for (const own of current.disks)
    if (!domain.disks.some(({ target }) => target === own.target))
      reasons.push(`disk ${own.id}: the domain no longer has a disk ${own.target}`);
  return { chosen, reasons };
}

function stepFor(each: Chosen, role: DiskRole, target: string): HostStep | undefined {
  const { own, source, disk } = each;
  if (role === "scratch") return undefined;
  if (isDiscFormat(own?.format)) return { kind: "copy-file", from: source, path: target };
  const format = disk.format === "qcow2" ? "qcow2" : "raw";
  return { kind: "flatten-disk", from: source, format, path: target };
}

/**
 * Returns the disks of a VM in the form of an appliance: each in one image, scratch disks only as a size.
 *
 * @param options.folder  target folder
 */
export function exportDisks(
  state: ExportState,
  options: { readonly folder: string; readonly names: NameGiver },
): ExportedDisks {
  const { chosen, reasons } = choose(state);
  const disks: Disk[] = [];
  const drives: Drive[] = [];
  const steps: HostStep[] = [];
  const notes: string[] = [];
  for (const each of chosen) {
    const { disk, source, own } = each;
    const described = state.appliance?.disks.find(({ id }) => id === own?.id);
    const role = own?.role ?? "data";
    const format = isDiscFormat(own?.format) ? "iso" : role === "scratch" ? "raw" : "qcow2";
    const file = options.names.give(described?.file ?? own?.id ?? source, `.${format}`);
    const id = own?.id ?? file;
    const { virtualSizeBytes: sizeBytes, internalSnapshots = 0 } = state.disks.get(source) ?? {};
    if (own === undefined)
      notes.push(`disk ${disk.target}: not part of the appliance; exported as data disk ${id}`);
    if (internalSnapshots > 0)
      notes.push(
        `disk ${disk.target}: ${countOf(internalSnapshots, "internal snapshot")} left out`,
      );
    disks.push({ id, file, role, format, sizeBytes, checksums: [], line: 1 });
    drives.push({ disk: id, target: disk.target, line: 1 });
    const step = stepFor(each, role, path.join(options.folder, file));
    if (step !== undefined) steps.push(step);
  }
  return { disks, drives, steps, reasons, notes };
}
