import { attributeOf, childOf, childrenOf, childText, type XmlElement } from "../lib/xml/tree.ts";
import { readCount, readKiB, readLibvirtXml } from "./read-libvirt-xml.ts";

/** Whether machines of a kind support a feature on, and off. */
export interface GuestFeature {
  readonly on: boolean;
  readonly off: boolean;
}

/** A kind of virtual machine that a host offers. */
export interface GuestCapabilities {
  /** `hvm`, `xen`, `exe`, ... */
  readonly osType: string;
  readonly arch: string;
  readonly wordBits: number | undefined;
  readonly features: Readonly<Record<string, GuestFeature>>;
  /** Hypervisors (`kvm`, `xen`, `qemu`), in the host's order. */
  readonly domainTypes: readonly string[];
  /** Highest number of processors of any machine type; undefined if the host does not report it. */
  readonly maxVcpus: number | undefined;
}

/** Capabilities of a host, as `virsh capabilities` reports them. */
export interface Capabilities {
  /** Architecture of the host itself. */
  readonly arch: string | undefined;
  /** Total memory of all NUMA nodes; undefined if the host does not report it. */
  readonly memoryKiB: number | undefined;
  /** In the host's order. */
  readonly guests: readonly GuestCapabilities[];
}

function readFeatures(guest: XmlElement): Readonly<Record<string, GuestFeature>> {
  const features = new Map<string, GuestFeature>();
  const list = childOf(guest, "features");
  for (const element of list?.children ?? []) {
    if (element.name === "pae" || element.name === "nonpae") {
      // `pae` and `nonpae` are one feature: the first means that it can be on, the second that it can be off.
      const known = features.get("pae") ?? { on: false, off: false };
      const isOn = element.name === "pae";
      features.set("pae", { on: known.on || isOn, off: known.off || !isOn });
      continue;
    }
    const isOff = attributeOf(element, "default") === "off";
    const toggles = attributeOf(element, "toggle") === "yes";
    features.set(element.name, { on: !isOff || toggles, off: isOff || toggles });
  }
  return Object.fromEntries(features);
}

function mostVcpus(arch: XmlElement): number | undefined {
  const machines = [arch, ...childrenOf(arch, "domain")].flatMap((e) => childrenOf(e, "machine"));
  let most: number | undefined;
  for (const machine of machines) {
    const count = readCount(attributeOf(machine, "maxCpus"));
    // A machine type without maxCpus has no limit.
    if (count === undefined) return undefined;
    most = Math.max(most ?? 0, count);
  }
  return most;
}

function readGuest(guest: XmlElement): GuestCapabilities[] {
  const osType = childText(guest, "os_type");
  if (osType === undefined) return [];
  return childrenOf(guest, "arch").flatMap((arch) => {
    const name = attributeOf(arch, "name");
    if (name === undefined) return [];
    const domainTypes = childrenOf(arch, "domain").flatMap(
      (domain) => attributeOf(domain, "type") ?? [],
    );
    return {
      osType,
      arch: name,
      wordBits: readCount(childText(arch, "wordsize")),
      features: readFeatures(guest),
      domainTypes: [...new Set(domainTypes)],
      maxVcpus: mostVcpus(arch),
    };
  });
}

function readMemory(host: XmlElement | undefined): number | undefined {
  const topology = host === undefined ? undefined : childOf(host, "topology");
  const cells = topology === undefined ? undefined : childOf(topology, "cells");
  if (cells === undefined) return undefined;
  let total: number | undefined;
  for (const cell of childrenOf(cells, "cell")) {
    const memoryKiB = readKiB(childOf(cell, "memory"));
    if (memoryKiB !== undefined) total = (total ?? 0) + memoryKiB;
  }
  return total;
}

/**
 * Returns the capabilities of a host from the output of `virsh capabilities` of any version.
 *
 * @param origin  name of the document in messages
 * @throws ApplianceError `LIBVIRT_UNEXPECTED` when it is another document; as `parseXml` for what is not XML
 * @see libvirt, "Driver capabilities XML format"
 */
export function parseCapabilities(
  document: string | Uint8Array,
  origin = "capabilities",
): Capabilities {
  const root = readLibvirtXml(document, "capabilities", origin);
  const host = childOf(root, "host");
  const cpu = host === undefined ? undefined : childOf(host, "cpu");
  return {
    arch: cpu === undefined ? undefined : childText(cpu, "arch"),
    memoryKiB: readMemory(host),
    guests: childrenOf(root, "guest").flatMap(readGuest),
  };
}
