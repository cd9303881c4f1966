import { toolCommand } from "../../lib/command-line.ts";
import type { Instance } from "../instance/instance.ts";
import { compareRecord, type Comparison } from "../machine/compare-record.ts";
import type { Difference } from "../machine/compare-disk.ts";
import type { Machine } from "../machine/read-machine.ts";
import type { Finding } from "./finding.ts";

function todoFor(vm: string, { code, disk }: Difference, { reasons }: Comparison): string {
  if (code === "disk-added") return "nothing; destroy ignores it";
  if (code === "disk-running") return "shut the VM down and start it, or undo the edit";
  if (reasons.length === 0) return `doctor --fix or ${toolCommand("adopt", vm)} updates the record`;
  const own = reasons.filter((reason) => reason.startsWith(`disk ${disk}: `));
  const why = own.length > 0 ? own : reasons;
  return `${why.join("; ")}; then ${toolCommand("adopt", vm)}`;
}

/** Finds differences between a VM and its record, such as moved disks, snapshots, and attached or detached disks. */
export function checkRecord(vm: string, instance: Instance, machine: Machine): readonly Finding[] {
  const comparison = compareRecord(instance, machine);
  return comparison.differences.map((difference): Finding => {
    const { code, what } = difference;
    const isNote = code === "disk-added";
    return {
      severity: isNote ? "note" : code === "disk-chain" ? "error" : "warning",
      code,
      subject: vm,
      what,
      todo: todoFor(vm, difference, comparison),
      repair: isNote || comparison.reasons.length > 0 ? null : "repoint",
    };
  });
}
