import { ApplianceError } from "../errors.ts";
import { attributeOf, childOf, childrenOf, childText, type XmlElement } from "../lib/xml/tree.ts";
import type { Domain, DomainDisk, DomainInterface, DomainOs } from "./domain.ts";
import { type DomainParts, partsOf } from "./domain-parts.ts";
import { readCount, readKiB, readLibvirtXml } from "./read-libvirt-xml.ts";

const LIBOSINFO = "http://libosinfo.org/xmlns/libvirt/domain/1.0";

const knownElements: ReadonlySet<string> = new Set([
  "name",
  "uuid",
  "title",
  "description",
  "metadata",
  "memory",
  "currentMemory",
  "vcpu",
  "os",
  "bootloader",
  "features",
  "devices",
]);

const knownDevices: ReadonlySet<string> = new Set(["disk", "interface", "graphics", "emulator"]);

/** Attributes of `<source>` that hold the location of a disk, depending on its type. */
const sourceAttributes = ["file", "dev", "dir", "name", "path"] as const;

function attributeIn(element: XmlElement, child: string, attribute: string): string | undefined {
  const found = childOf(element, child);
  return found === undefined ? undefined : attributeOf(found, attribute);
}

function readSource(disk: XmlElement): string | undefined {
  const source = childOf(disk, "source");
  if (source === undefined) return undefined;
  const pool = attributeOf(source, "pool");
  if (pool !== undefined) return `${pool}/${attributeOf(source, "volume") ?? ""}`;
  for (const attribute of sourceAttributes) {
    const value = attributeOf(source, attribute);
    if (value !== undefined) return value;
  }
  return undefined;
}

function readDisk(disk: XmlElement): DomainDisk {
  return {
    device: attributeOf(disk, "device") ?? "disk",
    sourceType: attributeOf(disk, "type") ?? "file",
    source: readSource(disk),
    format: attributeIn(disk, "driver", "type"),
    target: attributeIn(disk, "target", "dev"),
    bus: attributeIn(disk, "target", "bus"),
    isReadOnly: childOf(disk, "readonly") !== undefined,
    isTransient: childOf(disk, "transient") !== undefined,
    bootOrder: readCount(attributeIn(disk, "boot", "order")),
    otherParts: partsOf(disk, "disk").other,
  };
}

function readInterface(element: XmlElement): DomainInterface {
  const type = attributeOf(element, "type") ?? "network";
  return {
    type,
    source: attributeIn(element, "source", type) ?? attributeIn(element, "source", "dev"),
    mac: attributeIn(element, "mac", "address"),
    model: attributeIn(element, "model", "type"),
    otherParts: partsOf(element, "interface").other,
  };
}

function readFirmware(os: XmlElement | undefined): DomainOs["firmware"] {
  if (os === undefined) return undefined;
  const chosen = attributeOf(os, "firmware");
  if (chosen === "efi") return "uefi";
  if (chosen === "bios") return "bios";
  const loader = childOf(os, "loader");
  const isFlash = loader !== undefined && attributeOf(loader, "type") === "pflash";
  return isFlash || childOf(os, "nvram") !== undefined ? "uefi" : undefined;
}

function readOs(root: XmlElement): DomainOs {
  const os = childOf(root, "os");
  const type = os === undefined ? undefined : childOf(os, "type");
  const bootloader = childText(root, "bootloader");
  const said = type?.text.trim();
  return {
    type:
      said === "linux" || (said === undefined && bootloader !== undefined)
        ? "xen"
        : (said ?? "hvm"),
    arch: type === undefined ? undefined : attributeOf(type, "arch"),
    machine: type === undefined ? undefined : attributeOf(type, "machine"),
    bootDevices:
      os === undefined ? [] : childrenOf(os, "boot").flatMap((b) => attributeOf(b, "dev") ?? []),
    kernel: os === undefined ? undefined : childText(os, "kernel"),
    initrd: os === undefined ? undefined : childText(os, "initrd"),
    cmdline: os === undefined ? undefined : childText(os, "cmdline"),
    bootloader,
    firmware: readFirmware(os),
  };
}

function readOsinfo(root: XmlElement): string | undefined {
  const metadata = childOf(root, "metadata");
  const libosinfo = metadata === undefined ? undefined : childOf(metadata, "libosinfo", LIBOSINFO);
  return libosinfo === undefined ? undefined : attributeIn(libosinfo, "os", "id");
}

/** Returns a device as messages name it: `sound (ich6)`, `tpm (tpm-crb)`. */
function nameDevice(device: XmlElement): string {
  const kind =
    attributeOf(device, "model") ??
    attributeOf(device, "type") ??
    attributeIn(device, "model", "type") ??
    attributeOf(device, "bus");
  return kind === undefined ? device.name : `${device.name} (${kind})`;
}

/** Returns the host-specific settings of the domain, its disks and its interfaces, without duplicates. */
function hostSettings(domain: DomainParts, devices: readonly XmlElement[]): readonly string[] {
  const inDevices = devices
    .filter(({ name }) => name === "disk" || name === "interface")
    .flatMap((device) => partsOf(device, device.name).host.map((what) => `${device.name} ${what}`));
  return [...new Set([...domain.host, ...inDevices])];
}

function countInside(element: XmlElement | undefined, name: string): number {
  let count = 0;
  for (const child of element?.children ?? []) {
    count += Number(child.name === name) + countInside(child, name);
  }
  return count;
}

/**
 * Returns the XML of a domain as a tree, for callers that read it in several ways.
 *
 * @throws ApplianceError as `parseDomain`
 */
export function readDomainXml(document: string, origin: string): XmlElement {
  return readLibvirtXml(document, "domain", origin);
}

/**
 * Returns a virtual machine from its XML, of any hypervisor and any libvirt version.
 *
 * @param document  text, or the tree that `readDomainXml` returned
 * @param origin  name of the document in messages
 * @throws ApplianceError `LIBVIRT_UNEXPECTED` when it is another document or has no name; as `parseXml` for what is
 *   not XML
 * @see libvirt, "Domain XML format"
 */
export function parseDomain(document: string | Uint8Array | XmlElement, origin = "domain"): Domain {
  const root = readLibvirtXml(document, "domain", origin);
  const name = childText(root, "name");
  if (name === undefined) {
    throw new ApplianceError("LIBVIRT_UNEXPECTED", `${origin}: no <name>, expected one`);
  }
  const features = childOf(root, "features");
  const devices = childOf(root, "devices");
  const deviceList = devices?.children ?? [];
  const memoryKiB = readKiB(childOf(root, "memory"));
  const parts = partsOf(root, "");
  return {
    name,
    uuid: childText(root, "uuid"),
    type: attributeOf(root, "type") ?? "",
    memoryKiB,
    currentMemoryKiB: readKiB(childOf(root, "currentMemory")) ?? memoryKiB,
    vcpu: readCount(childText(root, "vcpu")) ?? 1,
    os: readOs(root),
    hasDeviceOrder: deviceList.some((device) => attributeIn(device, "boot", "order") !== undefined),
    features: Object.fromEntries(
      (features?.children ?? []).map((f) => [
        f.name,
        attributeOf(f, "state") === "off" ? ("off" as const) : ("on" as const),
      ]),
    ),
    disks: devices === undefined ? [] : childrenOf(devices, "disk").map(readDisk),
    interfaces: devices === undefined ? [] : childrenOf(devices, "interface").map(readInterface),
    graphics: deviceList
      .filter((device) => device.name === "graphics")
      .map((device) => attributeOf(device, "type") ?? "unknown"),
    osinfo: readOsinfo(root),
    title: childText(root, "title"),
    description: childText(root, "description"),
    hostDetails: {
      addresses: countInside(devices, "address"),
      aliases: countInside(devices, "alias"),
      settings: hostSettings(parts, deviceList),
    },
    otherDevices: deviceList.filter((d) => !knownDevices.has(d.name)).map(nameDevice),
    otherElements: root.children.filter((e) => !knownElements.has(e.name)).map((e) => e.name),
    otherParts: parts.other,
  };
}
