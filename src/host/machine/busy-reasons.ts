import { countOf } from "../../lib/count-of.ts";
import { virshHint } from "../access/virsh-hint.ts";
import type { VmState } from "./vm-state.ts";

/** Returns why the disks of a VM must not be exchanged now: something uses them, or needs them as they are. */
export function busyReasons(
  { found, facts, disks }: VmState,
  request: { readonly stopSeconds: number | undefined },
): readonly string[] {
  const { instance } = found;
  const { snapshots } = facts;
  const isRefused = facts.isActive && request.stopSeconds === undefined;
  return [
    ...(isRefused ? ["it is running; shut it down, or use --stop"] : []),
    ...(facts.hasManagedSave
      ? [
          `it has a saved state; start it, or drop the state with ${virshHint("managedsave-remove", found)}`,
        ]
      : []),
    ...(snapshots.length > 0
      ? [
          `it has snapshots: ${snapshots.join(", ")}; delete them with ${virshHint("snapshot-delete", found)}`,
        ]
      : []),
    ...facts.blockJobs.map((target) => `a block job is active on ${target}; wait until it ends`),
    ...instance.current.disks.flatMap((disk) => {
      const count = disks.get(disk.path)?.internalSnapshots ?? 0;
      const those = `${countOf(count, "internal snapshot")}; delete with qemu-img snapshot -d`;
      return count === 0 ? [] : [`disk ${disk.id}: ${disk.path} has ${those}`];
    }),
  ];
}
