import type { Appliance, Problem } from "../appliance/index.ts";
import type { ExaminedHeader } from "../image/index.ts";

/** One file of a source, ready to be read. */
export interface SourceFile {
  /** Relative to the descriptor's folder. */
  readonly path: string;
  readonly absolutePath: string;
  readonly sizeBytes: number;
  /** Lower-case hex, when it was computed. */
  readonly sha256: string | undefined;
}

/** What JSON calls a kind of source. */
export type SourceKindName = "directory" | "tarball";

/** An appliance whose files can be read until it is disposed of; what was spooled for it is removed then. */
export interface Source extends AsyncDisposable {
  /** The path that was given. */
  readonly origin: string;
  readonly kind: SourceKindName;
  /** Whether its files are copies that are removed with it; else they are used in place. */
  readonly isSpooled: boolean;
  readonly appliance: Appliance;
  /** Warnings: a source with errors is not opened. */
  readonly problems: readonly Problem[];
  readonly descriptorText: string;
  /** Absolute. */
  readonly descriptorPath: string;
  /** Absolute folder of the descriptor. */
  readonly folder: string;
  /** Everything in the source beside the descriptor, named by it or not, sorted by path. */
  readonly files: readonly SourceFile[];
}

/** One file of a source that was only looked at. */
export interface InspectedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Undefined in a tarball. */
  readonly absolutePath: string | undefined;
  /** Space that it takes: holes, as far as the source has them, take none. */
  readonly allocatedBytes: number;
  /** Of a disk: its size as the VM sees it; undefined when its header does not tell. */
  readonly virtualSizeBytes: number | undefined;
}

/** What can be told about a source without unpacking it. */
export interface Inspection {
  readonly origin: string;
  readonly kind: SourceKindName;
  /** Undefined when the descriptor has errors. */
  readonly appliance: Appliance | undefined;
  /** What was understood of the descriptor, errors or not: to be shown. */
  readonly understood: Appliance | undefined;
  /** Errors and warnings. */
  readonly problems: readonly Problem[];
  readonly descriptorText: string;
  /** As the source names it. */
  readonly descriptorPath: string;
  /** Paths relative to the descriptor's folder; a compressed stand-in is listed under its own name. */
  readonly files: readonly InspectedFile[];
}

/** Caps on what a source may make us read and write. */
export interface SourceLimits {
  /** Sum of the sizes of all files, holes included; 2 TiB unless told. */
  readonly maxExpandedBytes: number;
  /** Files and folders; 10,000 unless told. */
  readonly maxMembers: number;
  /**
   * Most bytes on the disk for each byte of a compressed file, 250 unless told, once they exceed `ratioFreeBytes`.
   * Zeros take no room on the disk and do not count: an honest, empty disk compresses without bound.
   */
  readonly maxRatio: number;
  /** Data that any source may expand to, however small it is; 1 GiB unless told. */
  readonly ratioFreeBytes: number;
}

/** Caps that an honest appliance does not come near. */
export const defaultSourceLimits: SourceLimits = {
  maxExpandedBytes: 2 * 1024 ** 4,
  maxMembers: 10_000,
  maxRatio: 250,
  ratioFreeBytes: 1024 ** 3,
};

/**
 * Returns the caps that count when some are chosen. Who chooses how much a source may expand to trusts it that far,
 * however well it is compressed.
 */
export function chooseLimits(chosen: Partial<SourceLimits>): SourceLimits {
  const { maxExpandedBytes, ratioFreeBytes = maxExpandedBytes } = chosen;
  return {
    ...defaultSourceLimits,
    ...chosen,
    ratioFreeBytes: ratioFreeBytes ?? defaultSourceLimits.ratioFreeBytes,
  };
}

/** A file as it was found, before the descriptor is known. */
export interface FoundFile {
  /** Relative to the root of the source, checked. */
  readonly path: string;
  /** Undefined when the source is only listed. */
  readonly absolutePath: string | undefined;
  readonly sizeBytes: number;
  /** Without holes; undefined: as many as `sizeBytes`. */
  readonly allocatedBytes?: number;
  readonly digests: { readonly sha1?: string; readonly sha256?: string };
  /** Of a file that could be the descriptor by its name. */
  readonly xml: XmlFile | undefined;
  /** What its first bytes say as a disk image; only of an archive that is listed and not spooled. */
  readonly header?: ExaminedHeader;
}

/** What is kept of an XML file at the top or one folder down. */
export interface XmlFile {
  /** Name of the root element, as a first look tells it; undefined: not XML. */
  readonly root: string | undefined;
  /** Content of the first file whose root is `image`, cut to one byte more than a descriptor may have; else empty. */
  readonly bytes: Buffer;
}

/** The files of a source. */
export interface Listing {
  readonly files: readonly FoundFile[];
  /** What is wrong with files that are left out. */
  readonly problems: readonly Problem[];
}
