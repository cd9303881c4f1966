import { parseDomain } from "../../libvirt/index.ts";
import type { Libvirt } from "../../libvirt/index.ts";
import { applyOperation, beginOnVm } from "../host.ts";
import type { Host } from "../host.ts";
import { findInstance } from "../instances.ts";
import { readGuestState } from "./guest-state.ts";
import { planDestroy } from "./plan-destroy.ts";
import type { DestroyOperation, DestroyWish } from "./plan-destroy.ts";

/** Answers which domains, but one, have which files as their disks. */
export async function findUsers(
  libvirt: Libvirt,
  except: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const users = new Map<string, string[]>();
  for (const { name } of await libvirt.listDomains()) {
    if (name === except) continue;
    for (const { source } of parseDomain(await libvirt.dumpXml(name), name).disks) {
      if (source !== undefined) users.set(source, [...(users.get(source) ?? []), name]);
    }
  }
  return users;
}

/**
 * Answers the operation that ends a VM, and changes nothing.
 *
 * @throws ApplianceError `HOST_UNKNOWN_VM`, `HOST_REFUSED`
 */
export async function prepareDestroy(
  host: Host,
  vm: string,
  wish: DestroyWish,
): Promise<DestroyOperation> {
  const found = await findInstance(host.libvirt, vm);
  // With its passwords, or a VM whose end was undone would come back without them.
  const xml = await host.libvirt.dumpDefinition(vm);
  const facts = await host.libvirt.domainFacts(vm);
  const users = await findUsers(host.libvirt, vm);
  const guestState = await readGuestState(vm, xml, host.paths);
  return planDestroy({ found: { ...found, xml }, facts, users, guestState }, wish, host.paths);
}

/** Ends a VM that was made from an appliance. */
export async function destroyVm(
  host: Host,
  vm: string,
  wish: DestroyWish,
): Promise<DestroyOperation> {
  await using _lock = await beginOnVm(host, vm, "destroy");
  const operation = await prepareDestroy(host, vm, wish);
  await applyOperation(host, operation);
  return operation;
}
