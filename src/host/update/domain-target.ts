import type { FeatureName } from "../../appliance/index.ts";
import type { DomainDiskContent } from "../domain/disk-source.ts";
import type { Instance } from "../instance/instance.ts";

/** Boot settings of a version, in the form of a domain. */
export interface BootSettings {
  /** Absolute path; undefined if the firmware loads the kernel. */
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly cmdline: string | undefined;
  /** Device that the firmware boots from; undefined: unchanged. */
  readonly device: "hd" | "cdrom" | undefined;
  readonly features: Readonly<Partial<Record<FeatureName, "on" | "off">>>;
  /** Id of the version; undefined: unchanged. */
  readonly osinfo: string | undefined;
}

/** Change of one disk of a domain; other disks are kept. */
export type DiskChange =
  | {
      readonly change: "source";
      readonly id: string;
      readonly target: string;
      readonly content: DomainDiskContent;
    }
  | {
      readonly change: "add";
      readonly id: string;
      /** Requested device name. */
      readonly target: string | undefined;
      readonly content: DomainDiskContent;
    }
  | { readonly change: "remove"; readonly id: string; readonly target: string };

/** The requested state of a domain. */
export interface DomainTarget {
  readonly boot: BootSettings;
  readonly disks: readonly DiskChange[];
  readonly minimumMemoryKiB: number | undefined;
  /** Device name of the disk with the parameters; undefined if there is none. */
  readonly seed?: string | undefined;
  /** Returns the metadata, given the device names of added disks, by id, and of the disk with the parameters. */
  readonly instance: (targets: ReadonlyMap<string, string>, seed: string | undefined) => Instance;
}
