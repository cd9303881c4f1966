import { applyOperation } from "../operation/apply-operation.ts";
import { beginOnVm } from "../operation/begin-on-vm.ts";
import type { LocalHost } from "../access/local-host.ts";
import { findInstance } from "../instance/find-instances.ts";
import { readDiskUses } from "../machine/own-files.ts";
import { readMachine } from "../machine/read-machine.ts";
import { diskFiles } from "./disk-files.ts";
import { readGuestState } from "./guest-state.ts";
import { findUsers } from "../uses/find-users.ts";
import {
  consoleLogsOf,
  type DestroyOperation,
  type DestroyRequest,
  ownFiles,
  planDestroy,
} from "./plan-destroy.ts";

/**
 * Returns the operation that deletes a VM. Changes nothing.
 *
 * @throws ApplianceError `HOST_UNKNOWN_VM`, `HOST_REFUSED`
 */
export async function prepareDestroy(
  host: LocalHost,
  vm: string,
  request: DestroyRequest,
): Promise<DestroyOperation> {
  const found = await findInstance(host.libvirt, vm);
  // Including passwords; otherwise undoing the deletion would lose them.
  const xml = await host.libvirt.dumpDefinition(vm);
  const facts = await host.libvirt.domainFacts(vm);
  const guestState = await readGuestState(vm, xml, host.paths);
  const machine = await readMachine(host, { ...found, xml });
  const files = diskFiles(found, await readDiskUses(host, vm), machine);
  const watched = [...ownFiles(found, guestState, files), ...consoleLogsOf(found, host.paths)];
  const uses = await findUsers(host, vm, watched);
  const state = { found: { ...found, xml }, facts, uses, guestState, files };
  return planDestroy(state, request, host.paths);
}

/** Deletes a VM that was created from an appliance. */
export async function destroyVm(
  host: LocalHost,
  vm: string,
  request: DestroyRequest,
): Promise<DestroyOperation> {
  await using _lock = await beginOnVm(host, vm, "destroy");
  const operation = await prepareDestroy(host, vm, request);
  await applyOperation(host, operation);
  return operation;
}
