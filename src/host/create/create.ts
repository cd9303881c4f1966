import { refreshPools } from "../access/refresh-pools.ts";
import { ApplianceError } from "../../errors.ts";
import { rememberBases } from "../catalogue/base.ts";
import { applyOperation } from "../operation/apply-operation.ts";
import { beginOnVm } from "../operation/begin-on-vm.ts";
import type { LocalHost } from "../access/local-host.ts";
import { type CreateState, readCreateState } from "./create-state.ts";
import type { CreateRequest } from "./create-request.ts";
import { type CreateOperation, finishCreate } from "./finish-create.ts";
import { planCreate } from "./plan-create.ts";
import { missingDisks, printDomain } from "./print-domain.ts";

/** A planned or created VM. */
export interface PreparedCreate {
  readonly operation: CreateOperation;
  readonly state: CreateState;
  /** Notes for the administrator. */
  readonly notes: readonly string[];
  /** Reasons against creating it, which do not prevent printing it. */
  readonly missing: readonly string[];
}

/**
 * Returns the operation that creates a VM, including its domain. Changes nothing.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it; `HOST_UNKNOWN_APPLIANCE`
 */
export async function prepareCreate(
  host: LocalHost,
  request: CreateRequest,
): Promise<PreparedCreate> {
  const state = await readCreateState(request, host);
  const plan = planCreate(state, request, { paths: host.paths, uri: host.uri });
  const printed = await printDomain(plan.virtInstall, host);
  const missing = await missingDisks(printed);
  const notes = [...plan.notes, ...missing];
  return { operation: finishCreate(plan, printed), state, notes, missing };
}

/**
 * Creates a VM from an installed appliance, with its disks and its domain, and starts it. If this fails or is
 * interrupted, everything is undone.
 *
 * @throws ApplianceError as {@link prepareCreate}; errors of libvirt and qemu-img
 */
export async function createVm(host: LocalHost, request: CreateRequest): Promise<PreparedCreate> {
  await using _lock = await beginOnVm(host, request.vm, "create");
  const prepared = await prepareCreate(host, request);
  if (prepared.missing.length > 0) {
    const message = `${request.vm}: disks named by virt-install options are missing`;
    throw new ApplianceError("HOST_REFUSED", message, { details: prepared.missing });
  }
  for (const note of prepared.notes) host.context.logger.warn(note);
  await applyOperation(host, prepared.operation);
  await rememberBases([...prepared.state.bases.values()], host);
  const { folder, pools } = prepared.state;
  await refreshPools(host, folder === undefined ? [] : [folder.path], pools);
  return prepared;
}
