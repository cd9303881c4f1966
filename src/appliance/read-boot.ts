import { childOf, childrenOf, childText, type XmlElement } from "../lib/xml/tree.ts";
import { canonicalArch } from "./arch.ts";
import { type Findings, quote } from "./findings.ts";
import { valueOf } from "./grammar.ts";
import type { Boot, BootOs, BootType, Drive, FeatureName } from "./model.ts";
import { normalSpace, readPath } from "./read-values.ts";

/** Features in the order of the format. */
export const featureNames: readonly FeatureName[] = ["pae", "acpi", "apic"];

function readType(element: XmlElement, findings: Findings): BootType {
  const type = valueOf(element, "type");
  if (type === "xen" || type === "hvm") return type;
  findings.report(
    "boot-type-invalid",
    `boot: type ${type === undefined ? "is missing" : quote(type)}, expected xen or hvm`,
    element.line,
  );
  return "hvm";
}

function readArch(element: XmlElement, findings: Findings): string {
  const guest = childOf(element, "guest");
  const found = guest === undefined ? undefined : childText(guest, "arch");
  if (guest === undefined || found === undefined) {
    findings.report("arch-missing", "boot: no <guest><arch>, expected one", element.line);
    return "";
  }
  const arch = canonicalArch(found);
  if (arch !== found) {
    findings.report(
      "arch-alias",
      `boot: architecture ${quote(found)}, expected ${arch}`,
      childOf(guest, "arch")?.line,
    );
  }
  return arch;
}

function readFeatures(element: XmlElement, findings: Findings): Boot["features"] {
  const features: Partial<Record<FeatureName, "on" | "off">> = {};
  const guest = childOf(element, "guest");
  const list = guest === undefined ? undefined : childOf(guest, "features");
  if (list === undefined) return features;
  for (const name of featureNames) {
    const feature = childOf(list, name);
    if (feature === undefined) continue;
    const state = valueOf(feature, "state") ?? "on";
    if (state === "on" || state === "off") {
      features[name] = state;
    } else {
      findings.report(
        "feature-invalid",
        `feature ${name}: state ${quote(state)}, expected on or off`,
        feature.line,
      );
    }
  }
  return features;
}

function readKernel(os: XmlElement, findings: Findings): BootOs | undefined {
  const kernel = childText(os, "kernel");
  if (kernel === undefined) return undefined;
  const initrd = childText(os, "initrd");
  const cmdline = childText(os, "cmdline");
  return {
    kind: "kernel",
    kernel: readPath(kernel, { what: "kernel", line: childOf(os, "kernel")?.line, findings }),
    initrd:
      initrd === undefined
        ? undefined
        : readPath(initrd, { what: "initrd", line: childOf(os, "initrd")?.line, findings }),
    cmdline: cmdline === undefined ? undefined : normalSpace(cmdline),
  };
}

function readLoader(loader: XmlElement, type: BootType, findings: Findings): BootOs {
  const program = loader.text.trim();
  const device = valueOf(loader, "dev");
  if (program !== "" && program !== "pygrub" && program !== "/usr/bin/pygrub") {
    // Xen runs this program as root on the host, so a descriptor must not choose it.
    findings.report(
      "loader-invalid",
      `loader: program ${quote(program)}, expected pygrub or nothing`,
      loader.line,
    );
  }
  if (device !== undefined && device !== "hd" && device !== "cdrom") {
    findings.report(
      "loader-invalid",
      `loader: device ${quote(device)}, expected hd or cdrom`,
      loader.line,
    );
  }
  if (type === "xen") return { kind: "bootloader", program: "pygrub" };
  return { kind: "loader", device: device === "cdrom" ? "cdrom" : "hd" };
}

function readOs(element: XmlElement, type: BootType, findings: Findings): BootOs {
  const os = childOf(element, "os");
  const loader = os === undefined ? undefined : childOf(os, "loader");
  const kernel = os === undefined ? undefined : readKernel(os, findings);
  const loaded = loader === undefined ? undefined : readLoader(loader, type, findings);
  if (kernel !== undefined && loader !== undefined) {
    findings.report(
      "os-contradictory",
      "boot: both a loader and a kernel, expected one; the kernel counts",
      loader.line,
    );
  }
  if (kernel === undefined && loaded === undefined) {
    const taken = type === "xen" ? "pygrub" : "the hard disk";
    findings.report(
      "os-missing",
      `boot: neither a loader nor a kernel; uses ${taken}`,
      os?.line ?? element.line,
    );
  }
  return (
    kernel ??
    loaded ??
    (type === "xen" ? { kind: "bootloader", program: "pygrub" } : { kind: "loader", device: "hd" })
  );
}

function readDrives(element: XmlElement, findings: Findings): Drive[] {
  const drives: Drive[] = [];
  const add = (drive: XmlElement, attribute: string): void => {
    const disk = valueOf(drive, attribute);
    if (disk === undefined) {
      findings.report(
        "drive-invalid",
        `drive: attribute "${attribute}" is missing, expected the id of a disk`,
        drive.line,
      );
      return;
    }
    drives.push({ disk, target: valueOf(drive, "target"), line: drive.line });
  };
  for (const drive of childrenOf(element, "drive")) add(drive, "disk");
  for (const disks of childrenOf(element, "disks")) {
    for (const map of childrenOf(disks, "map")) add(map, "file");
  }
  return drives;
}

/** Returns a boot descriptor; its drives name disks as the document does. */
export function readBoot(element: XmlElement, findings: Findings): Boot {
  const type = readType(element, findings);
  return {
    type,
    arch: readArch(element, findings),
    features: readFeatures(element, findings),
    os: readOs(element, type, findings),
    drives: readDrives(element, findings),
    line: element.line,
  };
}
