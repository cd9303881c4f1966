import { ApplianceError } from "../../errors.ts";
import { useReasons } from "../destroy/find-users.ts";
import type { FileUses } from "../destroy/find-users.ts";
import { filesOf } from "../instance.ts";
import type { Generation, Instance } from "../instance.ts";
import { writeInstance } from "../instance-xml.ts";
import { neededByItself } from "../machine/own-files.ts";
import type { DiskUse } from "../machine/own-files.ts";
import type { HostOperation, HostStep } from "../steps/host-steps.ts";
import type { VmState } from "./update-state.ts";
import { versionOf } from "./plan-update-boot.ts";

/** A file of a VM that goes. */
export interface RemovedFile {
  readonly path: string;
  /** Id of the disk; null for a kernel, an initial RAM disk or a definition. */
  readonly disk: string | null;
  /** What the VM had written to it, as space on the disk; null when it is not there. */
  readonly allocatedBytes: number | null;
}

/** All that planning the end of a rollback point looks at. */
export interface AcceptState extends VmState {
  /** Space of each file of both versions that is there, by path. */
  readonly allocated: ReadonlyMap<string, number>;
  /** Who else needs the files of both versions. */
  readonly uses: FileUses;
  /** Files that the VM runs on now, whatever its definition says of its next start; none: it is off. */
  readonly inUse: ReadonlySet<string>;
  /** Its disks, with what they rest on, in all that libvirt keeps about it. */
  readonly diskUses: readonly DiskUse[];
}

/** The end of the rollback point of a VM. */
export interface AcceptOperation extends HostOperation {
  /** VERSION-RELEASE that it stays with, and the one that it can then no longer go back to. */
  readonly version: string;
  readonly previous: string;
  readonly removed: readonly RemovedFile[];
}

/** Returns the files of a version that another version of the VM does not use, with what was written to them. */
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
 * Returns what a VM could be rolled back to.
 *
 * @throws ApplianceError `HOST_REFUSED` when there is nothing
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
 * Plans the end of a VM's rollback point: the version of before is forgotten, and then its disks go. The VM may run.
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
