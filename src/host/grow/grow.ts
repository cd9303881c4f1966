import { applyOperation } from "../operation/apply-operation.ts";
import { beginOnVm } from "../operation/begin-on-vm.ts";
import type { LocalHost } from "../access/local-host.ts";
import { readVmState } from "../machine/vm-state.ts";
import { type GrowOperation, type GrowRequest, planGrow } from "./plan-grow.ts";

/**
 * Returns the operation that enlarges a disk of a VM. Changes nothing.
 *
 * @param disk  id in the descriptor, or device name
 * @throws ApplianceError `HOST_UNKNOWN_VM`, `HOST_REFUSED`
 */
export async function prepareGrow(
  host: LocalHost,
  vm: string,
  { disk, request }: { readonly disk: string; readonly request: GrowRequest },
): Promise<GrowOperation> {
  return planGrow(await readVmState(host, vm), disk, request);
}

/**
 * Enlarges a disk of a running or stopped VM. Never shrinks it. Does not change partitions and file systems on it.
 *
 * @throws ApplianceError as {@link prepareGrow}; errors of libvirt and qemu-img
 */
export async function growVm(
  host: LocalHost,
  vm: string,
  growth: { readonly disk: string; readonly request: GrowRequest },
): Promise<GrowOperation> {
  await using _lock = await beginOnVm(host, vm, "grow");
  const operation = await prepareGrow(host, vm, growth);
  await applyOperation(host, operation);
  return operation;
}
