import { ApplianceError } from "../../errors.ts";
import { applyOperation } from "../operation/apply-operation.ts";
import { beginOnVm } from "../operation/begin-on-vm.ts";
import type { LocalHost } from "../access/local-host.ts";
import type { Instance } from "../instance/instance.ts";
import { compareRecord, type Comparison } from "../machine/compare-record.ts";
import { readMachine } from "../machine/read-machine.ts";
import { knownInstance, readAdoptState } from "./adopt-state.ts";
import { type AdoptOperation, type AdoptRequest, planAdopt } from "./plan-adopt.ts";
import { planRepoint } from "./plan-repoint.ts";

/** Returns whether a VM has another version than its record, by the base of a disk. */
function isOfAnother({ differences, reasons }: Comparison): boolean {
  return reasons.length > 0 && differences.some(({ code }) => code === "disk-base");
}

/** Adds the recorded disks without a base to the request, so that they need not be named. */
function withKnown(request: AdoptRequest, { current }: Instance): AdoptRequest {
  const known = current.disks.filter(({ kind }) => kind === "copy" || kind === "empty");
  return {
    ...request,
    disks: { ...Object.fromEntries(known.map(({ id, target }) => [id, target])), ...request.disks },
  };
}

/**
 * Returns the operation that makes a domain a VM of its appliance, or updates the record of such a VM to its domain.
 * Changes nothing.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it; `LIBVIRT_UNKNOWN` when there is no such domain
 */
export async function prepareAdopt(
  host: LocalHost,
  vm: string,
  request: AdoptRequest,
): Promise<AdoptOperation> {
  const { baseDir } = host.paths;
  const xml = await host.libvirt.dumpDefinition(vm);
  const known = knownInstance(xml);
  if (known === undefined) return planAdopt(await readAdoptState(host, vm), request, baseDir);
  const machine = await readMachine(host, { vm, xml, instance: known });
  const comparison = compareRecord(known, machine, request.disks);
  if (!isOfAnother(comparison)) return planRepoint({ vm, xml, known, comparison });
  if (known.previous === undefined)
    return planAdopt(await readAdoptState(host, vm), withKnown(request, known), baseDir);
  throw new ApplianceError("HOST_REFUSED", `${vm}: cannot be adopted`, {
    details: [...comparison.reasons, "accept or roll back its update first"],
  });
}

/** Makes a domain that virt-install created on a base a VM of its appliance. The domain may be running. */
export async function adoptDomain(
  host: LocalHost,
  vm: string,
  request: AdoptRequest,
): Promise<AdoptOperation> {
  await using _lock = await beginOnVm(host, vm, "adopt");
  const operation = await prepareAdopt(host, vm, request);
  for (const note of operation.notes) host.context.logger.warn(note);
  await applyOperation(host, operation);
  return operation;
}
