import { ApplianceError } from "../../errors.ts";
import type { Pool } from "../../libvirt/index.ts";
import type { HostAccess } from "./host-access.ts";

/**
 * Makes the pools of some folders list the files that are there now. A failure of libvirt is a warning: the files are
 * right without it.
 *
 * @param known  the pools of the host, if they were read already
 */
export async function refreshPools(
  { libvirt, context }: Pick<HostAccess, "libvirt" | "context">,
  folders: Iterable<string>,
  known?: readonly Pool[],
): Promise<void> {
  const wanted = new Set(folders);
  try {
    for (const { name, isActive, targetPath } of known ?? (await libvirt.listPools()))
      if (isActive && targetPath !== undefined && wanted.has(targetPath))
        await libvirt.refreshPool(name);
  } catch (error) {
    if (!(error instanceof ApplianceError)) throw error;
    context.logger.warn(error.message);
  }
}
