import { countOf } from "../../lib/count-of.ts";
import { virshHint } from "../access/virsh-hint.ts";
import type { VmState } from "./vm-state.ts";

/** Which states of a VM an operation cannot work with. */
export interface BusyRules {
  readonly running: "refuse" | "allow";
  readonly snapshots: "refuse" | "allow";
  /** Continues the advice on how to delete snapshots. */
  readonly snapshotNote?: string;
}

/** Returns why a VM must be left alone now: it runs, it has a saved state or snapshots, or a block job is active. */
export function busyReasons(
  { found, facts }: Pick<VmState, "found" | "facts">,
  { running, snapshots, snapshotNote = "" }: BusyRules,
): readonly string[] {
  const drop = virshHint("managedsave-remove", found);
  const remove = virshHint("snapshot-delete", found);
  const names = facts.snapshots.join(", ");
  return [
    ...(facts.isActive && running === "refuse"
      ? ["it is running; shut it down, or use --stop"]
      : []),
    ...(facts.hasManagedSave
      ? [`it has a saved state; start it, or drop the state with ${drop}`]
      : []),
    ...(names !== "" && snapshots === "refuse"
      ? [`it has snapshots: ${names}; delete them with ${remove}${snapshotNote}`]
      : []),
    ...facts.blockJobs.map((target) => `a block job is active on ${target}; wait until it ends`),
  ];
}

/** Returns one reason for each disk of a VM with snapshots inside its image, which only this image can hold. */
export function internalSnapshotReasons({ found, disks }: VmState): readonly string[] {
  return found.instance.current.disks.flatMap((disk) => {
    const count = disks.get(disk.path)?.internalSnapshots ?? 0;
    const those = `${countOf(count, "internal snapshot")}; delete with qemu-img snapshot -d`;
    return count === 0 ? [] : [`disk ${disk.id}: ${disk.path} has ${those}`];
  });
}
