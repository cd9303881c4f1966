import { lstat } from "node:fs/promises";
import { readCatalogue } from "../catalogue/catalogue.ts";
import { findInstance } from "../instance/find-instances.ts";
import type { Instance, RecipeOrigin } from "../instance/instance.ts";
import { consoleLogFile } from "../access/paths.ts";
import type { HostAccess } from "../access/host-access.ts";
import { parseDomain } from "../../libvirt/index.ts";
import { newerVersion } from "../catalogue/newer-version.ts";
import { consoleFileOf } from "../machine/console-file.ts";

/** Details of a VM created from an appliance; the form of `show-vm --json`, to which fields are only added. */
export interface VmDetails extends Instance {
  readonly recipe: RecipeOrigin | undefined;
  readonly vm: string;
  /** Title of its domain. */
  readonly title: string | null;
  /** In libvirt's words. */
  readonly state: string;
  readonly autostart: boolean;
  readonly available: string | null;
  readonly consoleLog: string;
  /** Allocated space of each of its files, in bytes; null if missing. */
  readonly fileBytes: Readonly<Record<string, number | null>>;
}

/**
 * Returns the details of a VM.
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
    // A renamed domain continues to write to its old log.
    consoleLog: consoleFileOf(found.xml) ?? consoleLogFile(host.paths, vm),
    fileBytes,
  };
}
