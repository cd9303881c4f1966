import { type DiskFacts, readDiskFacts } from "../../image/index.ts";
import type { DomainFacts } from "../../libvirt/index.ts";
import type { HostAccess } from "../access/host-access.ts";
import { findInstance, type FoundInstance } from "../instance/find-instances.ts";
import { compareRecord, type Comparison } from "./compare-record.ts";
import { type Machine, readMachine } from "./read-machine.ts";

/** Present state of a VM. */
export interface VmState {
  /** Its XML, with passwords. */
  readonly found: FoundInstance;
  readonly facts: DomainFacts;
  /** By path; only existing disks of the present version. */
  readonly disks: ReadonlyMap<string, DiskFacts>;
  /** Facts from libvirt and the images. */
  readonly machine: Machine;
  /** Differences between the record and these facts. */
  readonly comparison: Comparison;
  readonly now: Date;
}

/** Reads the present state of a VM. */
export async function readVmState(host: HostAccess, vm: string): Promise<VmState> {
  const found = await findInstance(host.libvirt, vm);
  const [xml, facts] = await Promise.all([
    host.libvirt.dumpDefinition(vm),
    host.libvirt.domainFacts(vm),
  ]);
  const disks = new Map<string, DiskFacts>();
  for (const disk of found.instance.current.disks) {
    const known = await readDiskFacts(disk.path, disk.format).catch(() => undefined);
    if (known !== undefined) disks.set(disk.path, known);
  }
  const machine = await readMachine(host, { ...found, xml });
  const comparison = compareRecord(found.instance, machine);
  return {
    found: { ...found, xml },
    facts,
    disks,
    machine,
    comparison,
    now: host.context.now(),
  };
}
