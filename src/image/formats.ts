/**
 * Detection and reading of each image format, one row each. Facts about formats that need no file are in
 * `appliance/disk-formats.ts`.
 */
import type { DiskFormat } from "../appliance/index.ts";
import type { DetectedFormat, ForeignFormat } from "./facts.ts";
import { readCowNames } from "./headers/cow.ts";
import type { HeaderFacts, ReadAt } from "./headers/finding.ts";
import { atEnd, atStart, atVolume, type Mark, textAtStart } from "./headers/marks.ts";
import { readQcow1Header, readQcow1Names } from "./headers/qcow1.ts";
import { readQcow2BackingFormat, readQcow2Header, readQcow2Names } from "./headers/qcow2.ts";
import { readQedNames } from "./headers/qed.ts";
import { readVdiHeader } from "./headers/vdi.ts";
import { readVmdkHeader, readVmdkNames, VMDK_TEXT } from "./headers/vmdk.ts";

/** Detection of a format, and the files that its images name. */
interface Recognition {
  /** Magic that programs use to guess the format. An earlier row takes precedence over a later one. */
  readonly marks: readonly Mark[];
  /** Returns the names of other files in the header; undefined when it cannot be read. */
  readonly readNames: (readAt: ReadAt) => Promise<readonly string[] | undefined>;
  /** Returns the format that the header gives for the backing file. */
  readonly readBackingFormat?: (readAt: ReadAt) => Promise<string | undefined>;
}

/** Reading of a format that a descriptor can name. */
interface ImageFormatFacts extends Recognition {
  /** Name of the format in qemu-img. */
  readonly driver: string;
  /** Undefined for plain bytes, which have no header. */
  readonly readHeader: ((readAt: ReadAt) => Promise<HeaderFacts>) | undefined;
}

const namesNothing = (): Promise<readonly string[]> => Promise.resolve([]);

/** A parent has the same format, which no base has. */
const namesItsOwnKind = namesNothing;

/** The formats that a descriptor can name. */
export const imageFormats: Readonly<Record<DiskFormat, ImageFormatFacts>> = {
  raw: { marks: [], driver: "raw", readHeader: undefined, readNames: namesNothing },
  iso: {
    marks: [atVolume("CD001")],
    driver: "raw",
    readHeader: undefined,
    readNames: namesNothing,
  },
  qcow: {
    marks: [atStart("QFI\xfb\0\0\0\x01")],
    driver: "qcow",
    readHeader: readQcow1Header,
    readNames: readQcow1Names,
  },
  qcow2: {
    marks: [atStart("QFI\xfb")],
    driver: "qcow2",
    readHeader: readQcow2Header,
    readNames: readQcow2Names,
    readBackingFormat: readQcow2BackingFormat,
  },
  vmdk: {
    marks: [
      atStart("KDMV"),
      atStart("COWD"),
      atStart("# Disk DescriptorFile"),
      textAtStart(VMDK_TEXT),
    ],
    driver: "vmdk",
    readHeader: readVmdkHeader,
    readNames: readVmdkNames,
  },
  vdi: {
    marks: [atStart("\x7f\x10\xda\xbe", 64)],
    driver: "vdi",
    readHeader: readVdiHeader,
    readNames: namesItsOwnKind,
  },
};

/** The formats that are only recognised. */
const foreignFormats: Readonly<Record<ForeignFormat, Recognition>> = {
  qed: { marks: [atStart("QED\0")], readNames: readQedNames },
  vhdx: { marks: [atStart("vhdxfile")], readNames: namesItsOwnKind },
  vhd: { marks: [atStart("conectix"), atEnd("conectix")], readNames: namesItsOwnKind },
  luks: { marks: [atStart("LUKS\xba\xbe")], readNames: namesNothing },
  parallels: {
    marks: [atStart("WithoutFreeSpace"), atStart("WithouFreSpacExt")],
    readNames: namesNothing,
  },
  bochs: { marks: [atStart("Bochs Virtual HD Image")], readNames: namesNothing },
  cloop: { marks: [atStart("#!/bin/sh\n#V2.0 Format\n")], readNames: namesNothing },
  dmg: { marks: [atEnd("koly")], readNames: namesNothing },
  cow: { marks: [atStart("OOOM")], readNames: readCowNames },
};

/** Every format that a file can have by its content. */
export const recognisedFormats: Readonly<Record<DetectedFormat, Recognition>> = {
  ...imageFormats,
  ...foreignFormats,
};
