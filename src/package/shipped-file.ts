import type { Disk, ShippedFormat } from "../appliance/index.ts";

/** A file of the appliance as the package carries it. */
export interface ShippedFile {
  /** Name in the payload directory. */
  readonly name: string;
  /** Path in the staging folder. */
  readonly stagedPath: string;
  /** How the host creates the base from it: a link, or zstd decompression with holes. */
  readonly unpack: ShippedUnpack;
}

/** What `%post` does with a shipped file. */
export type ShippedUnpack =
  | { readonly action: "link" }
  | {
      readonly action: "expand";
      /** Name of the expanded file. */
      readonly targetName: string;
      /** Size and digest of the expanded file; undefined in a dry run. */
      readonly expanded: { readonly bytes: number; readonly sha256: string } | undefined;
    };

/** A disk whose content is in the package. */
export interface ShippedDisk extends ShippedFile {
  readonly disk: Disk;
  /** Format of the base on the host. */
  readonly format: ShippedFormat;
  /** Size as seen by the VM, in bytes. */
  readonly virtualSizeBytes: number;
}
