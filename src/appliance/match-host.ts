import { formatSizes } from "../lib/format-size.ts";
import { canonicalArch } from "./arch.ts";
import type { Appliance, Boot } from "./model.ts";
import { featureNames } from "./read-boot.ts";

/** A kind of virtual machine that a host offers, as libvirt's capabilities list it. */
export interface HostGuest {
  /** `hvm`, `xen`, ... */
  readonly osType: string;
  readonly arch: string;
  readonly wordBits: number | undefined;
  /** For each feature listed: whether it can be on, and off. */
  readonly features: Readonly<Record<string, { readonly on: boolean; readonly off: boolean }>>;
  /** Hypervisors (`kvm`, `xen`, `qemu`), in the host's order. */
  readonly domainTypes: readonly string[];
  /** Maximum number of processors of any machine type. */
  readonly maxVcpus: number | undefined;
}

/** Capabilities of a host for {@link matchHost}; `parseCapabilities` in `libvirt/` returns them. */
export interface HostCapabilities {
  readonly guests: readonly HostGuest[];
  /** Memory of the whole host. */
  readonly memoryKiB: number | undefined;
}

/** Whether an appliance can run on a host; the form of `check --json`, to which fields are only added. */
export interface HostMatch {
  readonly ok: boolean;
  /** Index of the chosen boot descriptor; null if none matches. */
  readonly boot: number | null;
  /** Hypervisor to use; null if none matches. */
  readonly domainType: string | null;
  /** Every reason why it cannot run, one sentence each; empty if `ok`. */
  readonly reasons: readonly string[];
}

const preferred = ["kvm", "xen", "qemu"] as const;

function list(values: Iterable<string>): string {
  const all = [...new Set(values)];
  return all.length === 0 ? "nothing" : all.join(", ");
}

function featureReasons(boot: Boot, guest: HostGuest): string[] {
  const reasons: string[] = [];
  for (const name of featureNames) {
    const wanted = boot.features[name];
    if (wanted === undefined) continue;
    const listed = Object.hasOwn(guest.features, name) ? guest.features[name] : undefined;
    // No host lists pae for 64 bit, where it is always available; virt-convert requested it anyway.
    const offered =
      listed ?? (name === "pae" && guest.wordBits === 64 ? { on: true, off: false } : undefined);
    if (offered === undefined) {
      reasons.push(`feature ${name} must be ${wanted}, but the host does not offer it`);
    } else if (!offered[wanted]) {
      const other = wanted === "on" ? "off" : "on";
      reasons.push(`feature ${name} must be ${wanted}, but on this host it is always ${other}`);
    }
  }
  return reasons;
}

function guestReasons(appliance: Appliance, boot: Boot, guest: HostGuest): string[] {
  const reasons = featureReasons(boot, guest);
  if (guest.domainTypes.length === 0) {
    reasons.push(`the host has no hypervisor for ${boot.type} ${boot.arch}`);
  }
  if (guest.maxVcpus !== undefined && appliance.vcpu > guest.maxVcpus) {
    reasons.push(`needs ${appliance.vcpu} processors, but a VM can have at most ${guest.maxVcpus}`);
  }
  return reasons;
}

function kindReasons(boot: Boot, arch: string, guests: readonly HostGuest[]): string[] {
  const ofType = guests.filter((guest) => guest.osType === boot.type);
  const ofArch = guests.filter((guest) => canonicalArch(guest.arch) === arch);
  const reasons: string[] = [];
  if (ofType.length === 0) {
    const offered = list(guests.map((guest) => guest.osType));
    reasons.push(`type ${boot.type} is not offered, the host offers ${offered}`);
  }
  if (ofArch.length === 0) {
    const offered = list((ofType.length === 0 ? guests : ofType).map((guest) => guest.arch));
    reasons.push(`architecture ${arch} is not offered, the host offers ${offered}`);
  }
  if (ofType.length > 0 && ofArch.length > 0) {
    const offered = list(ofType.map((guest) => guest.arch));
    reasons.push(`${boot.type} is not offered for ${arch}, only for ${offered}`);
  }
  return reasons;
}

interface Suitability {
  readonly guest: HostGuest | undefined;
  readonly reasons: readonly string[];
}

function suits(appliance: Appliance, boot: Boot, host: HostCapabilities): Suitability {
  const arch = canonicalArch(boot.arch);
  const guests = host.guests.filter(
    (guest) => guest.osType === boot.type && canonicalArch(guest.arch) === arch,
  );
  const reasons = new Set<string>();
  for (const guest of guests) {
    const against = guestReasons(appliance, boot, guest);
    if (against.length === 0) return { guest, reasons: [] };
    for (const reason of against) reasons.add(reason);
  }
  if (guests.length === 0) {
    for (const reason of kindReasons(boot, arch, host.guests)) reasons.add(reason);
  }
  return { guest: undefined, reasons: [...reasons] };
}

function memoryReasons(appliance: Appliance, host: HostCapabilities): string[] {
  const needed = appliance.minimumMemoryKiB ?? appliance.memoryKiB;
  if (needed === undefined || host.memoryKiB === undefined || needed <= host.memoryKiB) return [];
  const [wanted, has] = formatSizes(needed * 1024, host.memoryKiB * 1024);
  return [`memory: needs ${wanted}, but the host has only ${has}`];
}

/**
 * Returns whether and how an appliance can run on a host. Chooses the first boot descriptor, in document order, that
 * the host supports with every requested feature. Prefers kvm, then xen, then qemu, then any other hypervisor. If none
 * matches, the result lists every reason for each boot descriptor.
 *
 * @param host  what `parseCapabilities` returns for `virsh capabilities`
 */
export function matchHost(appliance: Appliance, host: HostCapabilities): HostMatch {
  const general = memoryReasons(appliance, host);
  const reasons: string[] = [];
  for (const [index, boot] of appliance.boots.entries()) {
    const { guest, reasons: against } = suits(appliance, boot, host);
    if (guest !== undefined) {
      if (general.length > 0) break;
      const domainType =
        preferred.find((type) => guest.domainTypes.includes(type)) ?? guest.domainTypes[0] ?? null;
      return { ok: true, boot: index, domainType, reasons: [] };
    }
    for (const reason of against) {
      reasons.push(`boot ${index} (${boot.type}, ${boot.arch}): ${reason}`);
    }
  }
  return { ok: false, boot: null, domainType: null, reasons: [...reasons, ...general] };
}
