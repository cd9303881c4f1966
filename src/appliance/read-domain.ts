import { childOf, childrenOf, childText, type XmlElement } from "../lib/xml/tree.ts";
import { type Findings, quote } from "./findings.ts";
import { valueOf } from "./grammar.ts";
import type { Appliance, NetworkInterface } from "./model.ts";
import { DESCRIPTOR_NAMESPACE } from "./namespace.ts";
import { readBoot } from "./read-boot.ts";
import { normalSpace, readInteger } from "./read-values.ts";

/** The part of an appliance that describes the machine. */
export type Machine = Pick<
  Appliance,
  | "boots"
  | "vcpu"
  | "memoryKiB"
  | "minimumMemoryKiB"
  | "interfaces"
  | "graphics"
  | "firmware"
  | "osinfo"
>;

/** Returns the devices of one kind. They are in `<devices>`, or in the form of 2007 directly in `<domain>`. */
export function devicesOf(domain: XmlElement, name: string): readonly XmlElement[] {
  const devices = childOf(domain, "devices");
  const found = devices === undefined ? [] : childrenOf(devices, name);
  return found.length > 0 ? found : childrenOf(domain, name);
}

function readCount(element: XmlElement | undefined, findings: Findings): number | undefined {
  const text = element?.text.trim() ?? "";
  if (element === undefined || text === "") return undefined;
  return readInteger(text, { what: element.name, line: element.line, findings });
}

function readMemory(domain: XmlElement, findings: Findings): number | undefined {
  const [element] = devicesOf(domain, "memory");
  const memoryKiB = readCount(element, findings);
  const unit = element === undefined ? undefined : valueOf(element, "unit");
  if (unit !== undefined && !["kib", "kb", "k"].includes(unit.toLowerCase())) {
    findings.report(
      "memory-out-of-range",
      `memory: unit ${quote(unit)}, expected none: the number is in KiB`,
      element?.line,
    );
  }
  if (element === undefined || element.text.trim() === "") {
    findings.report("memory-missing", "memory: missing, expected KiB", domain.line);
  }
  return memoryKiB;
}

function readVcpu(domain: XmlElement, findings: Findings): number {
  const [element] = devicesOf(domain, "vcpu");
  const vcpu = readCount(element, findings);
  if (element === undefined || element.text.trim() === "") {
    findings.report("vcpu-missing", "vcpu: missing, uses 1", domain.line);
  }
  return vcpu ?? 1;
}

function readInterface(element: XmlElement): NetworkInterface {
  return { model: valueOf(element, "va:model") };
}

function readFirmware(domain: XmlElement, findings: Findings): Machine["firmware"] {
  const firmware = childText(domain, "firmware", DESCRIPTOR_NAMESPACE)?.toLowerCase();
  if (firmware === undefined || firmware === "bios" || firmware === "uefi") return firmware;
  findings.report(
    "firmware-unknown",
    `firmware: ${quote(firmware)}, expected bios or uefi`,
    childOf(domain, "firmware", DESCRIPTOR_NAMESPACE)?.line,
  );
  return undefined;
}

/** Returns the machine that a `<domain>` describes. */
export function readDomain(domain: XmlElement, findings: Findings): Machine {
  const devices = childOf(domain, "devices");
  const minimum =
    devices === undefined ? undefined : childOf(devices, "minimum-memory", DESCRIPTOR_NAMESPACE);
  const osinfo = childText(domain, "osinfo", DESCRIPTOR_NAMESPACE);
  return {
    boots: childrenOf(domain, "boot").map((boot) => readBoot(boot, findings)),
    vcpu: readVcpu(domain, findings),
    memoryKiB: readMemory(domain, findings),
    minimumMemoryKiB: readCount(minimum, findings),
    interfaces: devicesOf(domain, "interface").map(readInterface),
    graphics: devicesOf(domain, "graphics").length > 0,
    firmware: readFirmware(domain, findings),
    osinfo: osinfo === undefined ? undefined : normalSpace(osinfo),
  };
}
