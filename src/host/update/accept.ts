import { lstat } from "node:fs/promises";
import path from "node:path";
import { findUsers } from "../uses/find-users.ts";
import { refreshPools } from "../access/refresh-pools.ts";
import { applyOperation } from "../operation/apply-operation.ts";
import { beginOnVm } from "../operation/begin-on-vm.ts";
import type { LocalHost } from "../access/local-host.ts";
import { filesOf } from "../instance/instance.ts";
import { readDiskUses } from "../machine/own-files.ts";
import { type AcceptOperation, type AcceptState, planAccept } from "./plan-accept.ts";
import { readRunningFiles } from "./running-files.ts";
import { readVmState } from "../machine/vm-state.ts";

/** Reads the input for accepting an update. */
export async function readAcceptState(host: LocalHost, vm: string): Promise<AcceptState> {
  const state = await readVmState(host, vm);
  const { current, previous } = state.found.instance;
  const allocated = new Map<string, number>();
  const bases = [current, previous].flatMap((each) => each?.disks ?? []).map((disk) => disk.path);
  const files = [current, previous].flatMap((each) => (each === undefined ? [] : filesOf(each)));
  for (const file of [...files, ...bases]) {
    const stats = await lstat(file).catch(() => undefined);
    if (stats !== undefined) allocated.set(file, stats.blocks * 512);
  }
  const uses = await findUsers(host, vm, files);
  return {
    ...state,
    allocated,
    uses,
    inUse: await readRunningFiles(host.libvirt, vm),
    diskUses: await readDiskUses(host, vm),
  };
}

/**
 * Returns the operation that accepts the update of a VM. Changes nothing.
 *
 * @throws ApplianceError `HOST_UNKNOWN_VM`, `HOST_REFUSED`
 */
export async function prepareAccept(host: LocalHost, vm: string): Promise<AcceptOperation> {
  return planAccept(await readAcceptState(host, vm));
}

/**
 * Accepts the update of a VM: deletes the rollback point with its system and scratch disks.
 *
 * @throws ApplianceError as {@link prepareAccept}
 */
export async function acceptVm(
  host: LocalHost,
  vm: string,
  options: { readonly onPlan?: (operation: AcceptOperation) => void } = {},
): Promise<AcceptOperation> {
  await using _lock = await beginOnVm(host, vm, "accept");
  const operation = await prepareAccept(host, vm);
  options.onPlan?.(operation);
  await applyOperation(host, operation);
  await refreshPools(
    host,
    operation.removed.map((file) => path.dirname(file.path)),
  );
  return operation;
}
