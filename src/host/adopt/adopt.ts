import { applyOperation, beginOnVm } from "../host.ts";
import type { Host } from "../host.ts";
import { readAdoptState } from "./adopt-state.ts";
import { planAdopt } from "./plan-adopt.ts";
import type { AdoptOperation, AdoptWish } from "./plan-adopt.ts";

/**
 * Answers the operation that makes a domain a VM of its appliance, and changes nothing.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it; `LIBVIRT_UNKNOWN` when there is no such domain
 */
export async function prepareAdopt(
  host: Host,
  vm: string,
  wish: AdoptWish,
): Promise<AdoptOperation> {
  return planAdopt(await readAdoptState(host, vm), wish, host.paths.baseDir);
}

/** Makes a domain that plain virt-install made on our base a VM of its appliance. It may run meanwhile. */
export async function adoptDomain(
  host: Host,
  vm: string,
  wish: AdoptWish,
): Promise<AdoptOperation> {
  await using _lock = await beginOnVm(host, vm, "adopt");
  const operation = await prepareAdopt(host, vm, wish);
  for (const note of operation.notes) host.context.logger.warn(note);
  await applyOperation(host, operation);
  return operation;
}
