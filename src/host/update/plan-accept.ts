import { ApplianceError } from "../../errors.ts";
import { type FileUses, useReasons } from "../uses/find-users.ts";
import { filesOf, type Generation, type Instance } from "../instance/instance.ts";
import { writeInstance } from "../instance/instance-xml.ts";
import { type DiskUse, neededByItself } from "../machine/own-files.ts";
import type { HostOperation, HostStep } from "../steps/host-steps.ts";
import type { VmState } from "../machine/vm-state.ts";
import { versionOf } from "./plan-update-boot.ts";

/** A file of a VM to be deleted. */
export interface RemovedFile {
  readonly path: string;
  /** Id of the disk; null for a kernel, an initial RAM disk or a definition. */
  readonly disk: string | null;
  /** Allocated space that the VM wrote; null if the file is missing. */
  readonly allocatedBytes: number | null;
}

/** Input for planning the acceptance of an update. */
export interface AcceptState extends VmState {
  /** Allocated space of each existing file of both versions, by path. */
  readonly allocated: ReadonlyMap<string, number>;
  /** Other users of the files of both versions. */
  readonly uses: FileUses;
  /** Files of the present run, independent of the definition; empty if the VM is off. */
  readonly inUse: ReadonlySet<string>;
  /** Its disks with their backing files, in all of libvirt's documents about it. */
  readonly diskUses: readonly DiskUse[];
}

/** The plan of accepting an update. */
export interface AcceptOperation extends HostOperation {
  /** VERSION-RELEASE that the VM keeps, and the one of the deleted rollback point. */
  readonly version: string;
  readonly previous: string;
  readonly removed: readonly RemovedFile[];
}

/** Returns the files of a version that the VM's other version does not use, with their allocated space. */
export function removedFiles(
  from: Generation,
  keep: Generation,
  allocated: AcceptState["allocated"],
): readonly RemovedFile[] {
  const kept = new Set(filesOf(keep));
  const files = filesOf(from).filter((file) => !kept.has(file));
  return [...new Set(files)].map((file) => ({
    path: file,
    disk: from.disks.find((disk) => disk.path === file)?.id ?? null,
    allocatedBytes: allocated.get(file) ?? null,
  }));
}

/**
 * Returns the previous version of a VM.
 *
 * @throws ApplianceError `HOST_REFUSED` if there is none
 */
export function previousOf(vm: string, { previous, current }: Instance): Generation {
  if (previous !== undefined) return previous;
  throw new ApplianceError(
    "HOST_REFUSED",
    `${vm}: no pending update, it runs ${versionOf(current)}`,
    { hint: "virt-appliance vms shows which VMs were updated" },
  );
}

/**
 * Plans the acceptance of an update: removes the previous version from the record, and then deletes its disks. The VM
 * may be running.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it
 */
export function planAccept(state: AcceptState): AcceptOperation {
  const { vm, xml, instance } = state.found;
  const { current } = instance;
  const previous = previousOf(vm, instance);
  const removed = removedFiles(previous, current, state.allocated);
  const runsOnPrevious = removed.some((file) => state.inUse.has(file.path));
  const named = removed.map(({ path }) => ({ path, identity: state.machine.recorded.get(path) }));
  const needed = runsOnPrevious ? [] : neededByItself(named, state.diskUses);
  const reasons = [
    ...needed.map(
      (file) => `${file}: ${vm} itself still needs it; virt-appliance doctor reports why`,
    ),
    ...(runsOnPrevious
      ? [`${vm} still runs ${versionOf(previous)}; shut it down and start it, then accept`]
      : []),
    ...useReasons(
      removed.map((file) => file.path),
      state.uses,
    ),
    ...state.facts.blockJobs.map(
      (target) => `a block job is active on ${target}; wait until it ends`,
    ),
  ];
  if (reasons.length > 0)
    throw new ApplianceError("HOST_REFUSED", `${vm}: cannot be accepted`, { details: reasons });
  const files = [...removed.map((file) => file.path), previous.definition];
  const accepted = writeInstance(xml, { ...instance, previous: undefined });
  return {
    verb: "accept",
    subject: vm,
    steps: [
      { kind: "define-domain", vm, xml: accepted, previousXml: xml },
      ...files.flatMap((file): readonly HostStep[] =>
        file === undefined ? [] : [{ kind: "remove-file", path: file }],
      ),
    ],
    commitAfter: 1,
    version: versionOf(current),
    previous: versionOf(previous),
    removed,
  };
}
