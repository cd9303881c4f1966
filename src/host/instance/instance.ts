import type { DiskRole, ShippedFormat } from "../../appliance/index.ts";
import type { DomainTexts } from "./domain-texts.ts";

/** Kind of a VM's disk. */
export type DiskKind =
  /** An overlay on a base. */
  | "overlay"
  /** A copy of a base, which it no longer needs. */
  | "copy"
  /** Empty at first. */
  | "empty"
  /** The base itself, read-only: an ISO image. */
  | "base";

/** The base of a file, and its expected digest. */
export interface BaseReference {
  /** Absolute. */
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A backing file that belongs to the VM: the lower layer of an external snapshot. */
export interface InstanceLayer {
  /** Absolute. */
  readonly path: string;
  readonly format: "qcow2" | "raw";
}

/** A disk of a VM that belongs to its appliance. */
export interface InstanceDisk {
  /** Id in the descriptor. */
  readonly id: string;
  readonly role: DiskRole;
  readonly kind: DiskKind;
  /** Absolute. */
  readonly path: string;
  readonly format: ShippedFormat;
  /** Device name in the VM, which identifies its `<disk>`. */
  readonly target: string;
  /** Undefined exactly for empty disks. */
  readonly base: BaseReference | undefined;
  /** Layers between the file and the base, from the top down; undefined without snapshots. */
  readonly layers?: readonly InstanceLayer[] | undefined;
}

/** The VM's own copy of its kernel or initial RAM disk. */
export interface InstanceFile {
  readonly path: string;
  readonly base: BaseReference;
}

/** One version of the appliance in a VM, with the generated texts of its domain. */
export interface Generation extends DomainTexts {
  readonly version: string;
  readonly release: string;
  /** When the VM was updated to it, ISO 8601. */
  readonly since: string;
  /** Index of the boot descriptor in use. */
  readonly boot: number;
  readonly disks: readonly InstanceDisk[];
  readonly kernel: InstanceFile | undefined;
  readonly initrd: InstanceFile | undefined;
  /** For a generation in the rollback point: file with the domain's XML of that time. */
  readonly definition: string | undefined;
}

/** The disk with the parameters of a VM. */
export interface Seed {
  /** The VM's own ISO image: a read-only disk on the bus of the system disk, or a CD-ROM. */
  readonly path: string;
  readonly target: string;
  /** Names of the given parameters; only the image contains the values. */
  readonly parameters: readonly string[];
}

/** The recipe of a VM. Its system is updated inside, by Puppet. */
export interface RecipeOrigin {
  /** Name of the Puppet module. */
  readonly module: string;
  /** Version of the module when the VM was installed. */
  readonly moduleVersion: string;
  /** Whether the site's Puppet server or the VM itself applies the configuration. */
  readonly puppet: "server" | "masterless";
}

/**
 * A VM created from an appliance. This record is stored only in its domain's `<metadata>`, so it survives renaming the
 * VM, and is deleted with it.
 */
export interface Instance {
  /** Name of the appliance. */
  readonly appliance: string;
  readonly package: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly current: Generation;
  /** The previous version, while an update is pending. */
  readonly previous: Generation | undefined;
  readonly seed: Seed | undefined;
  /** For a VM that was installed from a recipe. */
  readonly recipe?: RecipeOrigin | undefined;
}

/** Returns a VM whose disk with the parameters has this device name. */
export function withSeedAt(instance: Instance, target: string | undefined): Instance {
  const { seed } = instance;
  return seed === undefined || target === undefined
    ? instance
    : { ...instance, seed: { ...seed, target } };
}

/** Returns every file that belongs only to a generation, without the bases. */
export function filesOf(generation: Generation): readonly string[] {
  const disks = generation.disks.filter((disk) => disk.kind !== "base");
  const boot = [generation.kernel, generation.initrd].filter((file) => file !== undefined);
  const layers = disks.flatMap((disk) => disk.layers ?? []);
  return [...disks, ...layers, ...boot].map((file) => file.path);
}
