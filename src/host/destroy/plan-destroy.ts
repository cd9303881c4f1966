import { ApplianceError } from "../../errors.ts";
import type { DomainFacts } from "../../libvirt/index.ts";
import { filesOf } from "../instance.ts";
import type { Generation, InstanceDisk } from "../instance.ts";
import type { FoundInstance } from "../instances.ts";
import { consoleLogFiles } from "../paths.ts";
import type { HostPaths } from "../paths.ts";
import type { HostOperation, HostStep } from "../steps/host-steps.ts";
import { useReasons } from "./find-users.ts";
import type { FileUses } from "./find-users.ts";
import type { GuestState } from "./guest-state.ts";

/** What an administrator asks of `destroy`. */
export interface DestroyWish {
  readonly data: "remove" | "keep";
  /** Whether a running VM may be stopped. */
  readonly running: "stop" | "refuse";
}

/** All that planning the end of a VM looks at. */
export interface DestroyState {
  readonly found: FoundInstance;
  readonly facts: DomainFacts;
  /** Who else needs its files. */
  readonly uses: FileUses;
  readonly guestState: GuestState;
}

/** The end of a VM. */
export interface DestroyOperation extends HostOperation {
  /** What stays: data disks, and the TPM that may hold their key. */
  readonly kept: readonly string[];
}

function generationsOf({ instance }: FoundInstance): readonly Generation[] {
  return [instance.current, instance.previous].filter((each) => each !== undefined);
}

function dataDisks(found: FoundInstance): readonly InstanceDisk[] {
  const disks = generationsOf(found).flatMap((generation) => generation.disks);
  return disks.filter((disk) => disk.role === "data" && disk.kind !== "base");
}

function refusals(state: DestroyState, wish: DestroyWish, files: readonly string[]): string[] {
  const { facts, uses } = state;
  const { vm } = state.found;
  return [
    ...(facts.isActive && wish.running === "refuse"
      ? ["it is running; stop it, or say --stop"]
      : []),
    ...(facts.hasManagedSave
      ? [`it has a saved state; drop it with virsh managedsave-remove ${vm}`]
      : []),
    ...(facts.snapshots.length > 0
      ? [`it has snapshots: ${facts.snapshots.join(", ")}; delete them with virsh snapshot-delete`]
      : []),
    ...facts.blockJobs.map((target) => `a block job is active on ${target}; wait for its end`),
    ...useReasons(files, uses),
  ];
}

/** Answers every file that belongs to a VM, data disks included; not the logs of its console, which nobody needs. */
export function ownFiles(found: FoundInstance, { firmware, tpm }: GuestState): readonly string[] {
  const { seed } = found.instance;
  return [
    ...generationsOf(found).flatMap((each) => [...filesOf(each), each.definition ?? ""]),
    seed?.path ?? "",
    ...firmware,
    ...tpm,
  ].filter((file) => file !== "");
}

/**
 * Plans the end of a VM: its domain and every file that belongs to it alone go; bases stay, as do data disks that are
 * to be kept, with the TPM that may hold their key. Once the domain is gone there is no way back, and the rest is finished.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it
 */
export function planDestroy(
  state: DestroyState,
  wish: DestroyWish,
  paths: HostPaths,
): DestroyOperation {
  const { found, facts, guestState } = state;
  const { vm } = found;
  const { firmware, tpm } = guestState;
  const data = dataDisks(found).map((disk) => disk.path);
  // A TPM gives a key away to the same firmware only.
  const keys = tpm.length === 0 ? [] : [...tpm, ...firmware];
  const kept = wish.data === "keep" ? [...new Set([...data, ...keys])] : [];
  const own = [...ownFiles(found, guestState), ...consoleLogFiles(paths, vm)];
  const files = [...new Set(own)].filter((file) => !kept.includes(file));
  const reasons = refusals(state, wish, files);
  if (reasons.length > 0) {
    throw new ApplianceError("HOST_REFUSED", `${vm}: cannot be destroyed`, { details: reasons });
  }
  const undoable: readonly HostStep[] = [
    ...(facts.isActive ? [{ kind: "stop-domain" as const, vm }] : []),
    { kind: "undefine-domain", vm, xml: found.xml, autostart: facts.autostart },
  ];
  const rest = files.map((file): HostStep => ({ kind: "remove-file", path: file }));
  return {
    verb: "destroy",
    subject: vm,
    steps: [...undoable, ...rest],
    commitAfter: undoable.length,
    kept,
  };
}
