import type { FeatureName } from "../../appliance/index.ts";
import type { DomainDiskContent } from "../create/domain-xml.ts";
import type { Instance } from "../instance.ts";

/** How a version of an appliance boots, as a domain says it. */
export interface BootSettings {
  /** Absolute; undefined: the firmware looks for one. */
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly cmdline: string | undefined;
  /** Device that the firmware boots from; undefined: that is left as it is. */
  readonly device: "hd" | "cdrom" | undefined;
  readonly features: Readonly<Partial<Record<FeatureName, "on" | "off">>>;
  /** Id of the version; undefined: the domain's stays. */
  readonly osinfo: string | undefined;
}

/** What becomes of one disk of a domain; the disks not named stay. */
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
      /** Device name that is wanted. */
      readonly target: string | undefined;
      readonly content: DomainDiskContent;
    }
  | { readonly change: "remove"; readonly id: string; readonly target: string };

/** What a domain is to become. */
export interface DomainTarget {
  readonly boot: BootSettings;
  readonly disks: readonly DiskChange[];
  readonly minimumMemoryKiB: number | undefined;
  /** Device name of the disk with the parameters; undefined: there is none. */
  readonly seed?: string | undefined;
  /** Returns the metadata once device names are known: of added disks by id, and of the one with the parameters. */
  readonly instance: (targets: ReadonlyMap<string, string>, seed: string | undefined) => Instance;
}
