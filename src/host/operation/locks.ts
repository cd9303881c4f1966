import { type Lock, takeLock } from "../../lib/lock.ts";
import type { LocalHost } from "../access/local-host.ts";
import { catalogueLockFile, lockFileOf } from "../access/paths.ts";

/**
 * Takes the lock on a VM, until it is disposed of. Reports that it waits; Ctrl-C ends the wait.
 *
 * @param options.waitSeconds  default: an hour
 */
export async function lockVm(
  host: LocalHost,
  vm: string,
  options: { readonly purpose: string; readonly waitSeconds?: number },
): Promise<Lock> {
  const { waitSeconds = 3600 } = options;
  const purpose = `${options.purpose} ${vm}`;
  return takeLock(lockFileOf(host.paths, vm), { purpose, waitSeconds }, host.context);
}

/** Takes the lock on catalogue, pool and bases, which `reconcile` also takes. */
export async function lockCatalogue(host: LocalHost, purpose: string): Promise<Lock> {
  return takeLock(catalogueLockFile(host.paths), { purpose, waitSeconds: 3600 }, host.context);
}
