import type { DiskRole, ShippedFormat } from "../appliance/index.ts";
import type { DomainTexts } from "./domain-texts.ts";

/** What a VM's disk was made as. */
export type DiskKind =
  /** The differences to a base. */
  | "overlay"
  /** A copy of a base, which it no longer needs. */
  | "copy"
  /** Empty at first. */
  | "empty"
  /** The base itself, read-only: an ISO image. */
  | "base";

/** A base that a file was made from, and what it must hold. */
export interface BaseReference {
  /** Absolute. */
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** An image that a VM's disk rests on and that belongs to the VM: what an external snapshot left below the disk. */
export interface InstanceLayer {
  /** Absolute. */
  readonly path: string;
  readonly format: "qcow2" | "raw";
}

/** A disk of a VM that came with its appliance. */
export interface InstanceDisk {
  /** Id in the descriptor. */
  readonly id: string;
  readonly role: DiskRole;
  readonly kind: DiskKind;
  /** Absolute. */
  readonly path: string;
  readonly format: ShippedFormat;
  /** Device name in the VM: how its `<disk>` is found again. */
  readonly target: string;
  /** Undefined exactly for empty disks. */
  readonly base: BaseReference | undefined;
  /** Between the file and the base, from the top down; none unless snapshots were made. */
  readonly layers?: readonly InstanceLayer[] | undefined;
}

/** A kernel or an initial RAM disk that a VM boots from: its own copy. */
export interface InstanceFile {
  readonly path: string;
  readonly base: BaseReference;
}

/** What a VM runs on: one version of its appliance, with the texts that its domain was given for it. */
export interface Generation extends DomainTexts {
  readonly version: string;
  readonly release: string;
  /** When the VM got it, ISO 8601. */
  readonly since: string;
  /** Index of the boot descriptor in use. */
  readonly boot: number;
  readonly disks: readonly InstanceDisk[];
  readonly kernel: InstanceFile | undefined;
  readonly initrd: InstanceFile | undefined;
  /** For a generation that can be rolled back to: file with the domain's XML of that time. */
  readonly definition: string | undefined;
}

/** What the parameters of a VM went into. */
export interface Seed {
  /** ISO image of its own: a read-only disk on the bus of the system disk, or a disc. */
  readonly path: string;
  readonly target: string;
  /** Names of the parameters that were given; the values are in the image alone. */
  readonly parameters: readonly string[];
}

/** What a VM was installed from that came without images: its system is updated inside, by Puppet. */
export interface RecipeOrigin {
  /** Name of the Puppet module. */
  readonly module: string;
  /** Of the module, when the VM was installed. */
  readonly moduleVersion: string;
  /** Who configures the VM: the site's Puppet server, or the VM itself. */
  readonly puppet: "server" | "masterless";
}

/**
 * A VM made from an appliance. Its domain's `<metadata>` holds this and is the only place that does: it follows the VM
 * when it is renamed, and is gone when it is gone.
 */
export interface Instance {
  /** Name of the appliance. */
  readonly appliance: string;
  readonly package: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly current: Generation;
  /** What an update that is not accepted yet can be rolled back to. */
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

/** Returns every file that belongs to a generation alone: not the bases. */
export function filesOf(generation: Generation): readonly string[] {
  const disks = generation.disks.filter((disk) => disk.kind !== "base");
  const boot = [generation.kernel, generation.initrd].filter((file) => file !== undefined);
  const layers = disks.flatMap((disk) => disk.layers ?? []);
  return [...disks, ...layers, ...boot].map((file) => file.path);
}
