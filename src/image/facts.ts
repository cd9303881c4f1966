import type { DiskFormat } from "../appliance/index.ts";

/** Formats of images that no descriptor can name: they are recognised, and not taken for raw disks. */
export type ForeignFormat =
  "qed" | "vhdx" | "vhd" | "luks" | "parallels" | "bochs" | "cloop" | "dmg" | "cow";

/** What the bytes of a file say it is; raw disks bear no mark, and an `iso` is one with an ISO 9660 file system. */
export type DetectedFormat = Exclude<DiskFormat, "raw"> | ForeignFormat;

/** Something about an image that its author should know; it can be used all the same. */
export interface ImageWarning {
  /** Stable, kebab-case: `raw-holds-image`. */
  readonly code: string;
  /** Subject first, then the fact. */
  readonly message: string;
}

/** What is known about a disk image after its header was checked and qemu-img asked. */
export interface ImageFacts {
  readonly format: DiskFormat;
  /** What it is by its content; undefined: plain bytes. */
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

/** What decides whether a qcow2 image can be shipped as it is. */
export interface Qcow2Facts {
  readonly compression: "zlib" | "zstd";
  readonly clusterSizeBytes: number;
  /** Clusters that hold data. */
  readonly allocatedClusters: number;
  /** Those of them that are compressed. */
  readonly compressedClusters: number;
  /** Clusters that nothing refers to. */
  readonly leakedClusters: number;
  /** Internal snapshots, persistent bitmaps: state that a conversion leaves behind. */
  readonly carriesState: boolean;
}
