import { realpath } from "node:fs/promises";
import { commandLine } from "../../lib/command-line.ts";
import { ApplianceError } from "../../errors.ts";
import type { Pool } from "../../libvirt/index.ts";
import type { LocalHost } from "../access/local-host.ts";
import { trimEndOf } from "../../lib/trim-end.ts";
import type { Finding } from "./finding.ts";

const DEFAULT_NAME = "appliances";

async function real(folder: string): Promise<string> {
  return realpath(folder).catch(() => trimEndOf(folder, "/"));
}

/** Checks whether libvirt has a usable pool for the base folder. */
export async function checkPool(host: LocalHost): Promise<readonly Finding[]> {
  const { baseDir } = host.paths;
  let pools: readonly Pool[];
  try {
    pools = await host.libvirt.listPools();
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code === "LIB_INTERRUPTED") throw error;
    // The check of domains reports this.
    return [];
  }
  const wanted = await real(baseDir);
  for (const pool of pools) {
    if (pool.targetPath === undefined || (await real(pool.targetPath)) !== wanted) continue;
    if (pool.isActive) return [];
    const what = "is not active: virt-install does not see the bases";
    const todo = `${commandLine("virsh", "pool-start", pool.name)}, or virt-appliance reconcile`;
    const subject = `pool ${pool.name}`;
    return [
      { severity: "warning", code: "pool-inactive", subject, what, todo, repair: "reconcile" },
    ];
  }
  const name = host.settings.poolName ?? DEFAULT_NAME;
  const foreign = pools.find((pool) => pool.name === name);
  if (foreign !== undefined) {
    const place = foreign.targetPath ?? `another target (${foreign.type})`;
    return [
      {
        severity: "error",
        code: "pool-foreign",
        subject: `pool ${name}`,
        what: `points to ${place}, expected ${baseDir}`,
        todo: "choose another pool name with POOL_NAME in /etc/virt-appliance/host.conf, then run virt-appliance reconcile",
        repair: null,
      },
    ];
  }
  return [
    {
      severity: "warning",
      code: "pool-missing",
      subject: `pool ${name}`,
      what: `is missing: no pool points to ${baseDir}`,
      todo: "virt-appliance reconcile defines it",
      repair: "reconcile",
    },
  ];
}
