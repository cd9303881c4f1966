import { applyOperation, beginOnVm } from "../host.ts";
import type { Host } from "../host.ts";
import { readVmState } from "../update/update-state.ts";
import { planGrow } from "./plan-grow.ts";
import type { GrowOperation, GrowRequest } from "./plan-grow.ts";

/**
 * Returns the operation that makes a disk of a VM larger, and changes nothing.
 *
 * @param disk  id in the descriptor, or device name
 * @throws ApplianceError `HOST_UNKNOWN_VM`, `HOST_REFUSED`
 */
export async function prepareGrow(
  host: Host,
  vm: string,
  { disk, request }: { readonly disk: string; readonly request: GrowRequest },
): Promise<GrowOperation> {
  return planGrow(await readVmState(host, vm), disk, request);
}

/**
 * Makes a disk of a VM larger, whether it runs or not; never smaller. What is on the disk stays as large as it is.
 *
 * @throws ApplianceError as {@link prepareGrow}; what libvirt and qemu-img say
 */
export async function growVm(
  host: Host,
  vm: string,
  growth: { readonly disk: string; readonly request: GrowRequest },
): Promise<GrowOperation> {
  await using _lock = await beginOnVm(host, vm, "grow");
  const operation = await prepareGrow(host, vm, growth);
  await applyOperation(host, operation);
  return operation;
}
