import type { DiskFormat } from "../appliance/index.ts";

/** Image formats that no descriptor can name. They are detected, so that they are not mistaken for raw disks. */
export type ForeignFormat =
  "qed" | "vhdx" | "vhd" | "luks" | "parallels" | "bochs" | "cloop" | "dmg" | "cow";

/** Format of a file by its content. Raw disks have no magic; an `iso` has an ISO 9660 file system. */
export type DetectedFormat = Exclude<DiskFormat, "raw"> | ForeignFormat;

/** A warning about an image that can still be used. */
export interface ImageWarning {
  /** Stable, kebab-case: `raw-holds-image`. */
  readonly code: string;
  /** Starts with the subject, followed by the fact. */
  readonly message: string;
}

/** Facts about a disk image from its header and from qemu-img. */
export interface ImageFacts {
  readonly format: DiskFormat;
  /** Format by content; undefined for plain bytes. */
  readonly content: DetectedFormat | undefined;
  /** Size of the disk as the VM sees it. */
  readonly virtualSizeBytes: number;
  /** Length of the file, holes counted. */
  readonly fileSizeBytes: number;
  /** Space that the file takes, holes not counted. */
  readonly allocatedBytes: number;
  /** Present for qcow2 only. */
  readonly qcow2?: Qcow2Facts;
  readonly warnings: readonly ImageWarning[];
}

/** Facts that determine whether a qcow2 image can be shipped unchanged. */
export interface Qcow2Facts {
  readonly compression: "zlib" | "zstd";
  readonly clusterSizeBytes: number;
  /** Clusters that hold data. */
  readonly allocatedClusters: number;
  /** Those of them that are compressed. */
  readonly compressedClusters: number;
  /** Clusters that nothing refers to. */
  readonly leakedClusters: number;
  /** Internal snapshots or persistent bitmaps, which a conversion drops. */
  readonly carriesState: boolean;
}
