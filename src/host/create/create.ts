import { ApplianceError } from "../../errors.ts";
import { rememberBases } from "../base.ts";
import { applyOperation, beginOnVm } from "../host.ts";
import type { Host } from "../host.ts";
import { readCreateState } from "./create-state.ts";
import type { CreateState } from "./create-state.ts";
import type { CreateRequest } from "./create-request.ts";
import { finishCreate } from "./finish-create.ts";
import type { CreateOperation } from "./finish-create.ts";
import { planCreate } from "./plan-create.ts";
import { missingDisks, printDomain } from "./print-domain.ts";

/** A VM that could be made, or was made. */
export interface PreparedCreate {
  readonly operation: CreateOperation;
  readonly state: CreateState;
  /** What the administrator should know. */
  readonly notes: readonly string[];
  /** What stands in the way of making it, which is no reason not to print it. */
  readonly missing: readonly string[];
}

/**
 * Returns the operation that makes a VM, domain included, and changes nothing.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason why it cannot be made; `HOST_UNKNOWN_APPLIANCE`
 */
export async function prepareCreate(host: Host, request: CreateRequest): Promise<PreparedCreate> {
  const state = await readCreateState(request, host);
  const plan = planCreate(state, request, { paths: host.paths, uri: host.uri });
  const printed = await printDomain(plan.virtInstall, host);
  const missing = await missingDisks(printed);
  const notes = [...plan.notes, ...missing];
  return { operation: finishCreate(plan, printed), state, notes, missing };
}

/**
 * Makes a VM from an installed appliance: its disks, its domain, and starts it. When any of it fails, or is
 * interrupted, nothing of it stays.
 *
 * @throws ApplianceError as {@link prepareCreate}; what libvirt and qemu-img say
 */
export async function createVm(host: Host, request: CreateRequest): Promise<PreparedCreate> {
  await using _lock = await beginOnVm(host, request.vm, "create");
  const prepared = await prepareCreate(host, request);
  if (prepared.missing.length > 0) {
    const message = `${request.vm}: disks named by virt-install options are missing`;
    throw new ApplianceError("HOST_REFUSED", message, { details: prepared.missing });
  }
  for (const note of prepared.notes) host.context.logger.warn(note);
  await applyOperation(host, prepared.operation);
  await rememberBases([...prepared.state.bases.values()], host);
  await showPool(host, prepared.state);
  return prepared;
}

/** Makes a pool that has the folder of the disks list them; a failure is no failure of the VM. */
export async function showPool(host: Host, state: CreateState): Promise<void> {
  const pool = state.pools.find(
    (each) =>
      each.isActive && each.targetPath !== undefined && each.targetPath === state.folder?.path,
  );
  if (pool === undefined) return;
  await host.libvirt.refreshPool(pool.name).catch((error: unknown) => {
    host.context.logger.warn(error instanceof Error ? error.message : String(error));
  });
}
