import type { FeatureName } from "../../appliance/index.ts";
import {
  addElement,
  type EditedElement,
  editXml,
  elementOf,
  elementsOf,
  removeElement,
} from "../../lib/xml/edit.ts";
import { type Domain, parseDomain } from "../../libvirt/index.ts";
import { writeInstance } from "../instance/instance-xml.ts";
import { detachSeed } from "../domain/seed-disk.ts";
import { changeDisks } from "./domain-disks.ts";
import { type DomainChange, domainRules } from "./domain-rules.ts";
import type { BootSettings, DomainTarget } from "./domain-target.ts";

const LIBOSINFO = "http://libosinfo.org/xmlns/libvirt/domain/1.0";
/** Ids of the versions of appliances. */
const OWN_IDS = "http://virt-appliance/";

/** @param before  the previous domain */
type Edit = (root: EditedElement, target: DomainTarget, before: Domain) => void;

function setOsinfo(root: EditedElement, { boot }: DomainTarget): void {
  const metadata = elementOf(root, "metadata");
  const libosinfo = metadata && elementOf(metadata, "libosinfo", LIBOSINFO);
  const os = libosinfo && elementOf(libosinfo, "os", LIBOSINFO);
  if (boot.osinfo === undefined || os?.getAttribute("id")?.startsWith(OWN_IDS) !== true) return;
  os.setAttribute("id", boot.osinfo);
}

function setOsText(name: "kernel" | "initrd" | "cmdline"): Edit {
  return (root, { boot }) => {
    const os = elementOf(root, "os");
    if (os === undefined) return;
    const text = boot[name];
    const [first, ...others] = elementsOf(os, name);
    for (const other of others) removeElement(other);
    if (text === undefined) {
      if (first !== undefined) removeElement(first);
    } else if (first === undefined) addElement(os, { name, text });
    else first.textContent = text;
  };
}

function setBootDevice(root: EditedElement, { boot }: DomainTarget): void {
  const os = elementOf(root, "os");
  if (os === undefined) return;
  const present = elementsOf(os, "boot");
  if (boot.kernel !== undefined) {
    for (const each of present) removeElement(each);
    return;
  }
  const devices = Array.from(elementOf(root, "devices")?.childNodes ?? []);
  const hasOrder = devices.some((device) =>
    Array.from(device.childNodes).some((child) => child.nodeName === "boot"),
  );
  const isAmong = present.some((each) => each.getAttribute("dev") === boot.device);
  if (boot.device === undefined || hasOrder || isAmong) return;
  for (const each of present) removeElement(each);
  addElement(os, { name: "boot", attributes: { dev: boot.device } });
}

function setFeature(name: FeatureName): Edit {
  return (root, { boot }) => {
    const state = boot.features[name];
    if (state === undefined) return;
    const features =
      elementOf(root, "features") ??
      addElement(root, { name: "features" }, elementOf(root, "devices"));
    const present = elementsOf(features, name);
    if (state === "off") for (const each of present) removeElement(each);
    else if (present.length === 0) addElement(features, { name });
  };
}

function raiseMemory(
  root: EditedElement,
  { minimumMemoryKiB }: DomainTarget,
  before: Domain,
): void {
  if (minimumMemoryKiB === undefined) return;
  const raise = (name: string, found: number | undefined): void => {
    const element = elementOf(root, name);
    if (element === undefined || found === undefined || found >= minimumMemoryKiB) return;
    element.setAttribute("unit", "KiB");
    element.textContent = String(minimumMemoryKiB);
  };
  raise("memory", before.memoryKiB);
  raise("currentMemory", before.currentMemoryKiB);
}

/** How each part of a domain is changed. Metadata and disks, which depend on each other, are handled separately. */
const edits: Readonly<Record<Exclude<DomainChange, "instance" | "shippedDisks">, Edit>> = {
  osinfo: setOsinfo,
  kernel: setOsText("kernel"),
  initrd: setOsText("initrd"),
  cmdline: setOsText("cmdline"),
  bootDevice: setBootDevice,
  acpi: setFeature("acpi"),
  apic: setFeature("apic"),
  pae: setFeature("pae"),
  memory: raiseMemory,
};

/** Changes a domain by the rows of {@link domainRules}; all other parts are kept. */
export function changeDomain(xml: string, target: DomainTarget): string {
  const before = parseDomain(xml);
  const changes = new Set(domainRules.map((row) => row.change));
  let targets: ReadonlyMap<string, string> = new Map();
  let { seed } = target;
  const changed = editXml(xml, "domain", (root) => {
    for (const change of changes) {
      if (change === undefined || change === "instance") continue;
      if (change !== "shippedDisks") edits[change](root, target, before);
      else {
        const devices = elementOf(root, "devices");
        if (devices === undefined) continue;
        const isAdded = target.disks.some((disk) => disk.change === "add");
        const attach =
          isAdded && target.seed !== undefined ? detachSeed(devices, target.seed) : undefined;
        targets = changeDisks(devices, target.disks);
        seed = attach?.() ?? seed;
      }
    }
  });
  return writeInstance(changed, target.instance(targets, seed));
}

/** Returns the boot settings of a domain, for a rollback; a missing setting is off. */
export function bootSettingsOf(xml: string): BootSettings {
  const { os, features, osinfo } = parseDomain(xml);
  const state = (name: FeatureName): "on" | "off" => features[name] ?? "off";
  const device = os.bootDevices.find((each) => each === "hd" || each === "cdrom");
  return {
    kernel: os.kernel,
    initrd: os.initrd,
    cmdline: os.cmdline,
    device: device === "hd" || device === "cdrom" ? device : undefined,
    features: { acpi: state("acpi"), apic: state("apic"), pae: state("pae") },
    osinfo,
  };
}
