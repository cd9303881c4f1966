import { ApplianceError } from "../../errors.ts";
import type { Pool } from "../../libvirt/index.ts";
import type { HostAccess } from "./host-access.ts";

/**
 * Refreshes the pools of these folders. A failure is only a warning: the files are correct without it.
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
