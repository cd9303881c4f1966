import type { Appliance, Problem } from "../appliance/index.ts";
import type { ExaminedHeader } from "../image/index.ts";

/** One file of a source, ready to be read. */
export interface SourceFile {
  /** Relative to the descriptor's folder. */
  readonly path: string;
  readonly absolutePath: string;
  readonly sizeBytes: number;
  /** Lower-case hex; undefined if not computed. */
  readonly sha256: string | undefined;
}

/** What JSON calls a kind of source. */
export type SourceKindName = "directory" | "tarball";

/** An appliance whose files can be read until it is disposed of. Disposing removes its temporary files. */
export interface Source extends AsyncDisposable {
  /** The given path. */
  readonly origin: string;
  readonly kind: SourceKindName;
  /** Whether its files are copies that are removed with it; else they are used in place. */
  readonly isSpooled: boolean;
  readonly appliance: Appliance;
  /** Warnings; a source with errors cannot be opened. */
  readonly problems: readonly Problem[];
  readonly descriptorText: string;
  /** Absolute. */
  readonly descriptorPath: string;
  /** Absolute folder of the descriptor. */
  readonly folder: string;
  /** All files of the source except the descriptor, whether it names them or not, sorted by path. */
  readonly files: readonly SourceFile[];
}

/** One file of a source that was only inspected. */
export interface InspectedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Undefined in a tarball. */
  readonly absolutePath: string | undefined;
  /** Allocated bytes, without holes. */
  readonly allocatedBytes: number;
  /** Size of a disk as the VM sees it; undefined if its header does not state it. */
  readonly virtualSizeBytes: number | undefined;
}

/** Facts about a source that was not unpacked. */
export interface Inspection {
  readonly origin: string;
  readonly kind: SourceKindName;
  /** Undefined if the descriptor has errors. */
  readonly appliance: Appliance | undefined;
  /** The readable part of the descriptor, even with errors; for display. */
  readonly understood: Appliance | undefined;
  /** Errors and warnings. */
  readonly problems: readonly Problem[];
  readonly descriptorText: string;
  /** Path in the source. */
  readonly descriptorPath: string;
  /** Paths relative to the descriptor's folder. A compressed disk has the name of its compressed file. */
  readonly files: readonly InspectedFile[];
}

/** Limits on reading and writing a source. */
export interface SourceLimits {
  /** Total size of all files, including holes. Default: 2 TiB. */
  readonly maxExpandedBytes: number;
  /** Number of files and folders. Default: 10,000. */
  readonly maxMembers: number;
  /**
   * Maximum written bytes for each byte of a compressed file, once they exceed `ratioFreeBytes`. Default: 250. Holes do
   * not count, because an empty disk compresses without limit.
   */
  readonly maxRatio: number;
  /** Bytes to which every source may expand, whatever its size. Default: 1 GiB. */
  readonly ratioFreeBytes: number;
}

/** Default limits, far above any real appliance. */
export const defaultSourceLimits: SourceLimits = {
  maxExpandedBytes: 2 * 1024 ** 4,
  maxMembers: 10_000,
  maxRatio: 250,
  ratioFreeBytes: 1024 ** 3,
};

/**
 * Fills in the default limits. Setting `maxExpandedBytes` also disables the compression ratio limit up to that size.
 */
export function chooseLimits(chosen: Partial<SourceLimits>): SourceLimits {
  const { maxExpandedBytes, ratioFreeBytes = maxExpandedBytes } = chosen;
  return {
    ...defaultSourceLimits,
    ...chosen,
    ratioFreeBytes: ratioFreeBytes ?? defaultSourceLimits.ratioFreeBytes,
  };
}

/** A file as found, before the descriptor is known. */
export interface FoundFile {
  /** Relative to the root of the source, checked. */
  readonly path: string;
  /** Undefined if the source is only listed. */
  readonly absolutePath: string | undefined;
  readonly sizeBytes: number;
  /** Without holes. Default: `sizeBytes`. */
  readonly allocatedBytes?: number;
  readonly digests: { readonly sha1?: string; readonly sha256?: string };
  /** Set for a file that could be the descriptor by its name. */
  readonly xml: XmlFile | undefined;
  /** Detected image format; only in an archive that is listed, not unpacked. */
  readonly header?: ExaminedHeader;
}

/** Facts about an XML file at the top or one folder down. */
export interface XmlFile {
  /** Name of the root element; undefined if not XML. */
  readonly root: string | undefined;
  /**
   * Content of the first file whose root is `image`, cut to one byte more than the maximum size of a descriptor;
   * otherwise empty.
   */
  readonly bytes: Buffer;
}

/** The files of a source. */
export interface Listing {
  readonly files: readonly FoundFile[];
  /** What is wrong with files that are left out. */
  readonly problems: readonly Problem[];
}
