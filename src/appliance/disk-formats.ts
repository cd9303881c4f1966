import { keysOf } from "../lib/keys-of.ts";
import type { DiscFormat, DiskFormat, PlainFormat, ShippedFormat } from "./model.ts";

/** Facts about a format that need no file. `image/formats.ts` has how its images are read. */
interface DiskFormatFacts {
  /** Suffixes of file names, without the dot, of this format. */
  readonly suffixes: readonly string[];
}

/** Facts derived from the unions of formats, so that the table cannot contradict them. */
interface FactsOf<Format extends DiskFormat> extends DiskFormatFacts {
  readonly isPlain: Format extends PlainFormat ? true : false;
  /** True for the image of a disc, which is attached as a CD-ROM. */
  readonly isDisc: Format extends DiscFormat ? true : false;
  readonly isShipped: Format extends ShippedFormat ? true : false;
}

/** Every format that a descriptor can name, in the order in which messages list them. */
export const diskFormats: { readonly [Format in DiskFormat]: FactsOf<Format> } = {
  raw: { suffixes: ["raw"], isPlain: true, isDisc: false, isShipped: true },
  iso: { suffixes: ["iso"], isPlain: true, isDisc: true, isShipped: true },
  qcow: { suffixes: ["qcow"], isPlain: false, isDisc: false, isShipped: false },
  qcow2: { suffixes: ["qcow2"], isPlain: false, isDisc: false, isShipped: true },
  vmdk: { suffixes: ["vmdk"], isPlain: false, isDisc: false, isShipped: false },
  vdi: { suffixes: ["vdi"], isPlain: false, isDisc: false, isShipped: false },
};

/** The names of the formats, as descriptors have them. */
export const diskFormatNames: readonly DiskFormat[] = keysOf(diskFormats);

/** True if a descriptor can name this format. */
export function isDiskFormat(name: string): name is DiskFormat {
  return Object.hasOwn(diskFormats, name);
}

/** The names of the formats of disks in packages and on hosts. */
export const shippedFormatNames: readonly ShippedFormat[] = diskFormatNames.filter(isShippedFormat);

/** True if packages and hosts have disks in this format. */
export function isShippedFormat(format: DiskFormat): format is ShippedFormat {
  return diskFormats[format].isShipped;
}

/** True for the image of a disc, which is attached as a CD-ROM; false if the format is unknown. */
export function isDiscFormat(format: DiskFormat | undefined): format is DiscFormat {
  return format !== undefined && diskFormats[format].isDisc;
}

/** True if a file of this format contains exactly the bytes of the disk. */
export function isPlainFormat(format: DiskFormat): format is PlainFormat {
  return diskFormats[format].isPlain;
}

/** Suffix of images of any format. */
const ANY_IMAGE = "img";

/** Suffix of images of any format, and of firmware and much else. */
const ANY_BINARY = "bin";

const suffixes = diskFormatNames.flatMap(
  (format): readonly string[] => diskFormats[format].suffixes,
);
const hardDiskSuffixes = diskFormatNames
  .filter((format) => !diskFormats[format].isDisc)
  .flatMap((format): readonly string[] => diskFormats[format].suffixes);

const SUFFIX = new RegExp(`\\.(?:${[...suffixes, ANY_IMAGE, ANY_BINARY].join("|")})$`, "i");
const HARD_DISK = new RegExp(
  `\\.(?:${[...hardDiskSuffixes, ANY_IMAGE].join("|")})(?:\\.\\w+)?$`,
  "i",
);

/** Returns the format by a file's suffix; undefined if it is unknown. */
export function formatOfName(file: string): DiskFormat | undefined {
  const suffix = /\.([a-z0-9]+)$/i.exec(file)?.[1]?.toLowerCase() ?? "";
  return diskFormatNames.find((format) =>
    diskFormats[format].suffixes.some((known) => known === suffix),
  );
}

/** Returns the name of a disk image without the suffix of its format. */
export function withoutImageSuffix(name: string): string {
  return name.replace(SUFFIX, "");
}

/** True if a file is the image of a hard disk by its name, compressed (`root.raw.xz`) or not. */
export function isHardDiskName(name: string): boolean {
  return HARD_DISK.test(name);
}
