import type { Boot } from "../../appliance/index.ts";
import type { Domain } from "../../libvirt/index.ts";
import { chooseBoot, type ChosenBoot } from "../domain/choose-boot.ts";
import { planBootFile, type PlannedFile } from "../domain/plan-disks.ts";
import type { Generation } from "../instance/instance.ts";
import type { HostPaths } from "../access/paths.ts";
import type { BootSettings } from "./domain-target.ts";
import { foldersOf, type UpdateState } from "./update-state.ts";

/** Returns VERSION-RELEASE. */
export function versionOf(of: Pick<Generation, "version" | "release">): string {
  return `${of.version}-${of.release}`;
}

/** Chooses a boot descriptor for the VM's machine type; prefers the present one if it still matches. */
export function chooseBootFor(state: UpdateState, domain: Domain): ChosenBoot {
  const { appliance, capabilities, found, entry } = state;
  const { os, type } = domain;
  const suits = ({ type: bootType, arch }: Boot): boolean =>
    bootType === os.type && (os.arch === undefined || arch === os.arch);
  const indexes = appliance.boots.flatMap((boot, index) => (suits(boot) ? [index] : []));
  const { boot } = found.instance.current;
  const ordered = indexes.includes(boot) ? [boot, ...indexes] : indexes;
  const choices = ordered.map((index) =>
    chooseBoot(appliance, capabilities, { boot: index, virtType: type }),
  );
  const chosen = choices.find((choice) => choice.boot !== undefined) ?? choices[0];
  if (chosen !== undefined) return chosen;
  const what = `${os.type} ${os.arch ?? ""}`.trim();
  const reason = `machine: ${entry.name} ${versionOf(entry)} does not support ${what}, the type of the VM`;
  return { boot: undefined, index: 0, domainType: "", reasons: [reason], notes: [] };
}

/** Returns the boot settings of a version, in the form of a domain. */
export function bootSettings(
  boot: Boot,
  files: { readonly kernel: string | undefined; readonly initrd: string | undefined },
  osinfo: string | undefined,
): BootSettings {
  const { os, features } = boot;
  return {
    ...files,
    cmdline: os.kind === "kernel" ? os.cmdline : undefined,
    device: os.kind === "loader" ? os.device : undefined,
    features,
    osinfo,
  };
}

/** Kernel and initial RAM disk of a version, copied for a VM. */
export interface BootFiles {
  readonly kernel: PlannedFile | undefined;
  readonly initrd: PlannedFile | undefined;
}

/** Plans the copies of a VM's boot files. */
export function planBootFiles(
  state: UpdateState,
  boot: Boot | undefined,
  paths: HostPaths,
): BootFiles {
  const { entry, found } = state;
  const vm = `${found.vm}-${versionOf(entry)}`;
  const [folder = paths.diskDir] = foldersOf(found.instance.current, paths.diskDir);
  const place = { entry, vm, folder, baseDir: paths.baseDir };
  const bases = boot?.os.kind === "kernel" ? entry : undefined;
  return {
    kernel: bases?.kernel === undefined ? undefined : planBootFile(place, bases.kernel),
    initrd: bases?.initrd === undefined ? undefined : planBootFile(place, bases.initrd),
  };
}
