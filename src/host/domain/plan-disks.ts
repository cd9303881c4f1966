import path from "node:path";
import { type Appliance, type Drive, withoutImageSuffix } from "../../appliance/index.ts";
import type {
  BaseDisk,
  BaseFile,
  CatalogueEntry,
  EmptyDisk,
} from "../catalogue/catalogue-entry.ts";
import type { BaseReference, InstanceDisk, InstanceFile } from "../instance/instance.ts";
import type { HostStep } from "../steps/host-steps.ts";

/** A disk of the new VM, before virt-install has assigned its device. */
export interface PlannedDisk extends Omit<InstanceDisk, "target"> {
  /** Device name in the descriptor. */
  readonly wantedTarget: string | undefined;
  readonly sizeBytes: number;
  /** Step that creates it; undefined if the VM uses the base directly. */
  readonly step: HostStep | undefined;
}

/** A kernel or initial RAM disk of the new VM, and the step that creates it. */
export interface PlannedFile extends InstanceFile {
  readonly step: HostStep;
}

/** Input for planning disks. */
export interface DiskInput {
  readonly entry: CatalogueEntry;
  readonly appliance: Appliance;
  readonly drives: readonly Drive[];
  readonly vm: string;
  /** Folder of the VM's disks. */
  readonly folder: string;
  readonly baseDir: string;
  readonly system: "overlay" | "copy";
}

/** Returns the name of a base without the package and version. */
export function shortName(entry: CatalogueEntry, file: string): string {
  const prefix = `${entry.package}-${entry.version}-${entry.release}-`;
  return file.startsWith(prefix) ? file.slice(prefix.length) : file;
}

/** Replaces the image extension of a name. */
function withExtension(name: string, extension: string): string {
  return `${withoutImageSuffix(name)}.${extension}`;
}

function plain(name: string): string {
  return name.replaceAll(/[^\w.~+^-]/g, "-").replace(/^[.-]+/, "");
}

function planBaseDisk(input: DiskInput, drive: Drive, base: BaseDisk): PlannedDisk {
  const { entry, folder, vm } = input;
  const reference = { path: path.join(input.baseDir, base.file), sha256: base.sha256 };
  const common = {
    id: base.disk,
    role: base.role,
    base: reference,
    wantedTarget: drive.target,
    sizeBytes: base.virtualSizeBytes,
  };
  if (base.format === "iso")
    return { ...common, kind: "base", path: reference.path, format: "iso", step: undefined };
  const name = shortName(entry, base.file);
  if (base.role === "system" && input.system === "overlay") {
    const file = path.join(folder, `${vm}-${withExtension(name, "qcow2")}`);
    const step = { base: reference.path, baseFormat: base.format, path: file };
    return {
      ...common,
      kind: "overlay",
      path: file,
      format: "qcow2",
      step: { kind: "make-overlay", ...step },
    };
  }
  const file = path.join(folder, `${vm}-${withExtension(name, base.format)}`);
  return {
    ...common,
    kind: "copy",
    path: file,
    format: base.format,
    step: { kind: "copy-file", from: reference.path, path: file },
  };
}

function planEmptyDisk(input: DiskInput, drive: Drive, disk: EmptyDisk): PlannedDisk {
  const sizeBytes = disk.virtualSizeBytes ?? 0;
  const name = withExtension(plain(disk.disk), "qcow2");
  const file = path.join(input.folder, `${input.vm}-${name}`);
  return {
    id: disk.disk,
    role: disk.role,
    kind: "empty",
    path: file,
    format: "qcow2",
    base: undefined,
    wantedTarget: drive.target,
    sizeBytes,
    step: { kind: "make-empty", path: file, format: "qcow2", sizeBytes },
  };
}

/** Returns the disks of a new VM in the order of its drives. A drive whose disk is not in the catalogue is left out. */
export function planDisks(input: DiskInput): readonly PlannedDisk[] {
  const { entry } = input;
  return input.drives.flatMap((drive) => {
    const base = entry.bases.find((each) => each.disk === drive.disk);
    if (base !== undefined) return [planBaseDisk(input, drive, base)];
    const empty = entry.empty.find((each) => each.disk === drive.disk);
    return empty === undefined ? [] : [planEmptyDisk(input, drive, empty)];
  });
}

/**
 * Plans the VM's own copy of a kernel or initial RAM disk: while a VM runs, libvirt gives these files to QEMU's user,
 * which must not own shared files.
 */
export function planBootFile(
  input: Pick<DiskInput, "entry" | "vm" | "folder" | "baseDir">,
  file: BaseFile,
): PlannedFile {
  const base: BaseReference = { path: path.join(input.baseDir, file.file), sha256: file.sha256 };
  const own = path.join(input.folder, `${input.vm}-${shortName(input.entry, file.file)}`);
  return { path: own, base, step: { kind: "copy-file", from: base.path, path: own } };
}
