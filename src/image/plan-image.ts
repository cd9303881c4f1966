import { isShippedFormat, type ShippedFormat } from "../appliance/index.ts";
import type { ImageFacts } from "./facts.ts";

/** How a disk is shipped in a package. */
export type ImagePlan =
  /** Shipped byte for byte. */
  | { readonly action: "keep"; readonly reason: string }
  /** Shipped as compressed qcow2. */
  | { readonly action: "convert"; readonly compression: "zstd" | "zlib"; readonly reason: string }
  /** Shipped as `FILE.raw.zst`, and expanded on the host. */
  | { readonly action: "compress-raw"; readonly reason: string };

/** The builder's options. */
export interface ImageRequest {
  /** `zlib` for hosts whose QEMU is older than 5.1. */
  readonly compression: "zstd" | "zlib";
  /** Raw disks are kept raw. */
  readonly keepRaw: boolean;
}

/**
 * Decides how a disk is shipped.
 *
 * - iso: unchanged. It is used as a CD-ROM, and its content is usually compressed.
 * - raw: to compressed qcow2, or with `keepRaw` to `FILE.raw.zst`.
 * - qcow2: as it is when it is clean (no leaks, snapshots, bitmaps), at least half of its clusters are compressed
 *   (what does not shrink is stored plain, so never all of them are), and the hosts can read its compression: zlib
 *   always, zstd unless zlib was asked for. Else it is converted.
 * - anything else: to compressed qcow2.
 */
export function planImage(facts: ImageFacts, request: ImageRequest): ImagePlan {
  const { format } = facts;
  return isShippedFormat(format)
    ? planners[format](facts, request)
    : converter(request)(`${format} images are shipped as qcow2`);
}

/** How disks of a format that hosts support are shipped. */
const planners: Readonly<
  Record<ShippedFormat, (facts: ImageFacts, request: ImageRequest) => ImagePlan>
> = {
  iso: () => ({ action: "keep", reason: "CD-ROM images are shipped as they are" }),
  raw: (_facts, request) =>
    request.keepRaw
      ? { action: "compress-raw", reason: "--keep-raw keeps raw disks" }
      : converter(request)("raw disks are shipped as qcow2"),
  qcow2: planQcow2,
};

function converter({ compression }: ImageRequest): (reason: string) => ImagePlan {
  return (reason) => ({ action: "convert", compression, reason });
}

function planQcow2({ qcow2 }: ImageFacts, request: ImageRequest): ImagePlan {
  const convert = converter(request);
  if (qcow2 === undefined) return convert("not checked");
  if (qcow2.carriesState) return convert("it has snapshots or bitmaps");
  if (qcow2.leakedClusters > 0) return convert(`it has ${qcow2.leakedClusters} unused clusters`);
  if (qcow2.compression === "zstd" && request.compression === "zlib") {
    return convert("it is compressed with zstd, but zlib was requested");
  }
  if (qcow2.compressedClusters * 2 < qcow2.allocatedClusters) {
    return convert(
      `${qcow2.compressedClusters} of ${qcow2.allocatedClusters} clusters are compressed`,
    );
  }
  return { action: "keep", reason: `it is already compressed with ${qcow2.compression}` };
}
