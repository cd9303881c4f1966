import { lstat } from "node:fs/promises";
import { readCatalogue } from "../catalogue.ts";
import { findInstance } from "../instances.ts";
import type { Instance, RecipeOrigin } from "../instance.ts";
import { consoleLogFile } from "../paths.ts";
import type { HostAccess } from "../host-access.ts";
import { parseDomain } from "../../libvirt/index.ts";
import { newerVersion } from "./list-vms.ts";
import { consoleFileOf } from "../update/plan-update-boot.ts";

/** A VM made from an appliance in full; the shape of `show-vm --json`, which only grows. */
export interface VmDetails extends Instance {
  readonly recipe: RecipeOrigin | undefined;
  readonly vm: string;
  /** Of its domain, whoever wrote it. */
  readonly title: string | null;
  /** As libvirt words it. */
  readonly state: string;
  readonly autostart: boolean;
  readonly available: string | null;
  readonly consoleLog: string;
  /** Space of each of its files, in bytes; null for one that is not there. */
  readonly fileBytes: Readonly<Record<string, number | null>>;
}

/**
 * Returns a VM in full.
 *
 * @throws ApplianceError `HOST_UNKNOWN_VM`, `HOST_METADATA_BAD`
 */
export async function showVm(
  host: Pick<HostAccess, "libvirt" | "paths">,
  vm: string,
): Promise<VmDetails> {
  const found = await findInstance(host.libvirt, vm);
  const { instance } = found;
  const [facts, catalogue] = await Promise.all([
    host.libvirt.domainFacts(vm),
    readCatalogue(host.paths),
  ]);
  const fileBytes: Record<string, number | null> = {};
  for (const generation of [instance.current, instance.previous]) {
    for (const { path } of generation?.disks ?? []) {
      const stats = await lstat(path).catch(() => undefined);
      fileBytes[path] = stats === undefined ? null : stats.blocks * 512;
    }
  }
  return {
    vm,
    title: parseDomain(found.xml).title ?? null,
    state: facts.state,
    autostart: facts.autostart,
    ...instance,
    recipe: instance.recipe,
    available: newerVersion(catalogue, found),
    // A domain that was renamed goes on writing where it did.
    consoleLog: consoleFileOf(found.xml) ?? consoleLogFile(host.paths, vm),
    fileBytes,
  };
}
