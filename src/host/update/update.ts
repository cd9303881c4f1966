import path from "node:path";
import { refreshPools } from "../access/refresh-pools.ts";
import { rememberBases } from "../catalogue/base.ts";
import { applyOperation } from "../operation/apply-operation.ts";
import { beginOnVm } from "../operation/begin-on-vm.ts";
import type { LocalHost } from "../access/local-host.ts";
import { refuseRecipeUpdate } from "./refuse-recipe-update.ts";
import type { HostOperation } from "../steps/host-steps.ts";
import { planUpdate, type UpdateOperation } from "./plan-update.ts";
import { readUpdateState, type UpdateState } from "./update-state.ts";
import type { UpdateRequest } from "./update-request.ts";

/** An update that could be done, or was done. */
export interface PreparedUpdate {
  readonly operation: UpdateOperation;
  readonly state: UpdateState;
}

/**
 * Returns the operation that updates a VM, and changes nothing.
 *
 * @returns undefined when no version was named and none is installed that is newer than the VM's
 * @throws ApplianceError `HOST_REFUSED` with every reason against it; `HOST_UNKNOWN_VM`, `HOST_UNKNOWN_APPLIANCE`
 */
export async function prepareUpdate(
  host: LocalHost,
  vm: string,
  request: UpdateRequest,
): Promise<PreparedUpdate | undefined> {
  await refuseRecipeUpdate(host, vm);
  const state = await readUpdateState(host, vm, request);
  return state && { state, operation: planUpdate(state, request, host.paths) };
}

/** Does an operation that writes into folders of our own, which may not be there yet. */
async function applyWithFolders(host: LocalHost, operation: HostOperation): Promise<void> {
  for (const step of operation.steps)
    if (step.kind === "write-file" && step.path.startsWith(`${host.paths.stateDir}/`))
      await host.effects.makeFolder(path.dirname(step.path), 0o700);
  await applyOperation(host, operation);
}

/**
 * Gives a VM the disks of another version of its appliance; it keeps its data, UUID, addresses, NVRAM and TPM state.
 * If the update fails or is interrupted, or the VM does not come up healthy, its previous state is restored.
 *
 * @param onPlan  called with the plan before anything is changed
 * @returns as {@link prepareUpdate}
 * @throws ApplianceError as {@link prepareUpdate}; `HOST_UNHEALTHY`, `HOST_STILL_RUNNING`
 */
export async function updateVm(
  host: LocalHost,
  vm: string,
  request: UpdateRequest & { readonly onPlan?: (operation: UpdateOperation) => void },
): Promise<PreparedUpdate | undefined> {
  await using _lock = await beginOnVm(host, vm, "update");
  const prepared = await prepareUpdate(host, vm, request);
  if (prepared === undefined) return undefined;
  const { operation, state } = prepared;
  request.onPlan?.(operation);
  await applyWithFolders(host, operation);
  await rememberBases([...state.bases.values()], host);
  await refreshPools(
    host,
    operation.instance.current.disks.map((disk) => path.dirname(disk.path)),
  );
  return prepared;
}
