import { lstat } from "node:fs/promises";
import type { DiskRole } from "../../appliance/index.ts";
import { readCatalogue } from "../catalogue/catalogue.ts";
import { newerVersion } from "../catalogue/newer-version.ts";
import type { HostAccess } from "../access/host-access.ts";
import { findInstances, type FoundInstance } from "../instance/find-instances.ts";

/** A VM created from an appliance; the form of `vms --json`, to which fields are only added. */
export interface VmSummary {
  readonly vm: string;
  readonly appliance: string;
  readonly package: string;
  readonly version: string;
  readonly release: string;
  readonly active: boolean;
  /** Newest installed version-release that is newer than the VM's; null if there is none. */
  readonly available: string | null;
  /** True if an update must be accepted or rolled back. */
  readonly updatePending: boolean;
  /** Allocated space by role, in bytes. */
  readonly diskBytes: Readonly<Record<DiskRole, number>>;
  /** Creation time, ISO 8601. */
  readonly created: string;
  /** Time of the update to its present version, ISO 8601. */
  readonly since: string;
}

/** All VMs created from appliances. */
export interface VmList {
  /** By name. */
  readonly vms: readonly VmSummary[];
  readonly problems: readonly string[];
}

/** Returns the allocated space of a VM's disks, by role, without shared bases. */
export async function diskUsage(
  found: Pick<FoundInstance, "instance">,
): Promise<Readonly<Record<DiskRole, number>>> {
  const usage = { system: 0, data: 0, scratch: 0 };
  for (const disk of found.instance.current.disks) {
    if (disk.kind === "base") continue;
    const stats = await lstat(disk.path).catch(() => undefined);
    usage[disk.role] += (stats?.blocks ?? 0) * 512;
  }
  return usage;
}

/** Lists all VMs created from appliances. */
export async function listVms(
  host: Pick<HostAccess, "libvirt" | "paths" | "context">,
): Promise<VmList> {
  const [catalogue, found] = await Promise.all([readCatalogue(host.paths), findInstances(host)]);
  const vms = await Promise.all(
    found.instances.map(async (each): Promise<VmSummary> => {
      const { instance } = each;
      return {
        vm: each.vm,
        appliance: instance.appliance,
        package: instance.package,
        version: instance.current.version,
        release: instance.current.release,
        active: each.isActive,
        available: newerVersion(catalogue, each),
        updatePending: instance.previous !== undefined,
        diskBytes: await diskUsage(each),
        created: instance.createdAt,
        since: instance.current.since,
      };
    }),
  );
  return { vms, problems: found.problems };
}
