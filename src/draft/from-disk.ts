import path from "node:path";
import type { Boot, Disk, DiskFormat } from "../appliance/index.ts";
import { ApplianceError } from "../errors.ts";
import {
  applianceNameOf,
  blankAppliance,
  type Draft,
  DRAFT_VERSION,
  type DraftNote,
  newDiskIds,
  newFileNames,
} from "./draft.ts";
import type { DiskProbe } from "./probe-disk.ts";

const MEMORY_KIB = 1024 * 1024;
const SECTOR_BYTES = 512;

/** Returns the format if a descriptor can name it and the whole disk is in this file. */
function requireWhole(file: string, probe: DiskProbe): DiskFormat {
  const { format, kind, hasBackingFile } = probe;
  if (format === undefined) {
    throw new ApplianceError("SOURCE_INEXPRESSIBLE", `${file}: ${kind}, expected a disk image`, {
      hint: kind.startsWith("compressed")
        ? "unpack it first"
        : "convert it first: qemu-img convert -O qcow2 IMAGE NEW.qcow2",
    });
  }
  if (hasBackingFile) {
    throw new ApplianceError(
      "SOURCE_INEXPRESSIBLE",
      `${file}: part of the disk is in a backing file or a data file, expected one file`,
      { hint: "flatten it first: qemu-img convert -O qcow2 IMAGE NEW.qcow2" },
    );
  }
  const { virtualSizeBytes = 0 } = probe;
  if (format === "raw" && virtualSizeBytes % SECTOR_BYTES !== 0) {
    throw new ApplianceError(
      "SOURCE_INEXPRESSIBLE",
      `${file}: not a disk image of a known format; as a raw disk, its ${virtualSizeBytes} bytes are not a multiple of ${SECTOR_BYTES}`,
    );
  }
  return format;
}

/**
 * Returns a first descriptor of a machine with one disk, of which nothing else is known.
 *
 * @throws ApplianceError `SOURCE_INEXPRESSIBLE` when the file is of a format that a descriptor cannot name, or only
 *   the upper part of a disk
 */
export function draftFromDisk(file: string, probe: DiskProbe): Draft {
  const format = requireWhole(file, probe);
  const base = path.basename(file);
  const name = newFileNames().nameFor(base, `.${format}`);
  const isIso = format === "iso";
  const place =
    name === base
      ? "put the descriptor beside it, or copy it beside the descriptor"
      : `copy it beside the descriptor as ${name}`;
  const disk: Disk = {
    id: newDiskIds().idFor("system"),
    file: name,
    role: "system",
    format,
    sizeBytes: probe.virtualSizeBytes,
    checksums: [],
    line: 1,
  };
  const boot: Boot = {
    type: "hvm",
    arch: "x86_64",
    features: {},
    os: { kind: "loader", device: isIso ? "cdrom" : "hd" },
    drives: [{ disk: disk.id, target: isIso ? undefined : "vda", line: 1 }],
    line: 1,
  };
  const assumed = [
    `version: ${DRAFT_VERSION}`,
    "architecture: x86_64",
    "machine: 1 processor, 1 GiB of memory, 1 network card, a display",
    `disk ${name}: format ${format}, a system disk`,
  ];
  return {
    appliance: {
      ...blankAppliance(applianceNameOf(base.replace(/\.[A-Za-z0-9]{1,8}$/, ""))),
      boots: [boot],
      memoryKiB: MEMORY_KIB,
      interfaces: [{ model: undefined }],
      graphics: true,
      disks: [disk],
    },
    notes: [
      { kind: "copy", message: `${file}: ${place}`, from: path.resolve(file), as: name },
      ...assumed.map((message): DraftNote => ({ kind: "assumed", message })),
    ],
  };
}
