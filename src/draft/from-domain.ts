import {
  type Appliance,
  type Boot,
  type BootOs,
  type BootType,
  validateAppliance,
} from "../appliance/index.ts";
import { ApplianceError } from "../errors.ts";
import type { Domain } from "../libvirt/index.ts";
import { bootsFromCdrom, draftDisks } from "./draft-disks.ts";
import { droppedNotes, lostNotes } from "./draft-notes.ts";
import {
  applianceNameOf,
  blankAppliance,
  copyAs,
  type Draft,
  DRAFT_VERSION,
  type DraftNote,
  type FileNames,
  newFileNames,
} from "./draft.ts";
import type { DiskProbe } from "./probe-disk.ts";

function line(text: string | undefined): string | undefined {
  // eslint-disable-next-line no-control-regex -- C1 controls pass through XML
  const plain = text?.replace(/[\s\u007f-\u009f]+/g, " ").trim() ?? "";
  return plain === "" ? undefined : plain.slice(0, 2000).trim();
}

function block(text: string | undefined): string | undefined {
  // eslint-disable-next-line no-control-regex -- C1 controls pass through XML
  const plain =
    text
      ?.replace(/\r/g, "")
      .replace(/[\u007f-\u009f]/g, " ")
      .trim() ?? "";
  return plain === "" ? undefined : plain.slice(0, 60_000).trim();
}

function draftOs(
  domain: Domain,
  type: BootType,
  options: { names: FileNames; notes: DraftNote[] },
): BootOs {
  const { os } = domain;
  const { names, notes } = options;
  const place = (what: string, path: string): string => {
    const file = names.nameFor(path, "");
    notes.push(copyAs(path, file));
    if (!path.startsWith("/"))
      notes.push({ kind: "assumed", message: `${what}: ${path} is a file` });
    return file;
  };
  if (os.kernel !== undefined) {
    return {
      kind: "kernel",
      kernel: place("kernel", os.kernel),
      initrd: os.initrd === undefined ? undefined : place("initrd", os.initrd),
      cmdline: line(os.cmdline),
    };
  }
  const expressed = bootsFromCdrom(domain) ? "cdrom" : "hd";
  const devices = os.bootDevices.filter((device) => device !== expressed);
  for (const device of devices) {
    notes.push({ kind: "lost", message: `boot device ${device} cannot be expressed` });
  }
  if (type === "hvm") {
    return { kind: "loader", device: expressed };
  }
  if (os.bootloader !== undefined && !/(?:^|\/)pygrub$/.test(os.bootloader)) {
    notes.push({
      kind: "lost",
      message: `bootloader ${os.bootloader} cannot be expressed; uses pygrub`,
    });
  }
  return { kind: "bootloader", program: "pygrub" };
}

function draftFeatures(domain: Domain, notes: DraftNote[]): Boot["features"] {
  const { pae, acpi, apic, ...others } = domain.features;
  for (const name of Object.keys(others)) {
    notes.push({ kind: "lost", message: `feature ${name} cannot be expressed` });
  }
  return {
    ...(pae === undefined ? {} : { pae }),
    ...(acpi === undefined ? {} : { acpi }),
    ...(apic === undefined ? {} : { apic }),
  };
}

function draftArch(domain: Domain, notes: DraftNote[]): string {
  if (domain.os.arch !== undefined) return domain.os.arch;
  notes.push({ kind: "assumed", message: "architecture: x86_64" });
  return "x86_64";
}

function bootTypeOf(domain: Domain): BootType {
  const { type } = domain.os;
  if (type === "hvm" || type === "xen") return type;
  throw new ApplianceError(
    "SOURCE_INEXPRESSIBLE",
    `domain ${domain.name}: type ${type}, expected hvm or a paravirtual Xen machine`,
  );
}

function refuseInvalid(appliance: Appliance, subject: string): void {
  const errors = validateAppliance(appliance).filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  throw new ApplianceError(
    "SOURCE_INEXPRESSIBLE",
    `domain ${subject}: cannot be expressed as a descriptor`,
    { details: errors.map(({ message, code }) => `${message} [${code}]`) },
  );
}

/**
 * Returns a first descriptor of the machine in a libvirt domain, with plain file names for its disks, and notes on
 * everything that was left out or guessed.
 *
 * @param probes  facts about readable disks, by source path
 * @throws ApplianceError `SOURCE_INEXPRESSIBLE` when it is a container, or absurd
 */
export function draftFromDomain(
  domain: Domain,
  probes: ReadonlyMap<string, DiskProbe> = new Map(),
): Draft {
  const type = bootTypeOf(domain);
  const names = newFileNames();
  const notes: DraftNote[] = [];
  const name = applianceNameOf(domain.name);
  if (name !== domain.name) {
    notes.push({
      kind: "assumed",
      message: `name: ${name}, because ${domain.name} is not a valid name`,
    });
  }
  notes.push({ kind: "assumed", message: `version: ${DRAFT_VERSION}` });
  const arch = draftArch(domain, notes);
  const drafted = draftDisks(domain, { names, probes });
  const os = draftOs(domain, type, { names, notes });
  const features = draftFeatures(domain, notes);
  const appliance: Appliance = {
    ...blankAppliance(name),
    label: line(domain.title),
    description: block(domain.description),
    boots: [{ type, arch, features, os, drives: drafted.drives, line: 1 }],
    vcpu: domain.vcpu,
    memoryKiB: domain.memoryKiB,
    interfaces: domain.interfaces.map(({ model }) => ({ model })),
    graphics: domain.graphics.length > 0,
    firmware: domain.os.firmware,
    osinfo: domain.osinfo,
    disks: drafted.disks,
  };
  refuseInvalid(appliance, domain.name);
  return {
    appliance,
    notes: [...notes, ...drafted.notes, ...droppedNotes(domain), ...lostNotes(domain)],
  };
}
