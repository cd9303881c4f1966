import { toolCommand } from "../../lib/command-line.ts";
import type { InstanceDisk } from "../instance/instance.ts";
import type { VmState } from "./vm-state.ts";

/** A VM and the comparison with its record. */
type ComparedVm = Pick<VmState, "found" | "machine" | "comparison">;

function placeReason(
  disk: InstanceDisk,
  { machine }: ComparedVm,
  disks: { has(path: string): boolean },
): string | undefined {
  const device = machine.domain.disks.find((each) => each.target === disk.target);
  if (device === undefined)
    return `disk ${disk.id}: the domain no longer has a device ${disk.target}`;
  // The administrator decides where data is.
  if (device.source !== undefined && device.source !== disk.path && disk.role === "data")
    return undefined;
  if (device.source === disk.path)
    return disks.has(disk.path)
      ? undefined
      : `disk ${disk.id}: ${disk.path} is missing or not a usable image`;
  const found = device.source ?? "nothing";
  return `disk ${disk.id}: the domain has ${found} at ${disk.target}, expected ${disk.path}`;
}

/** Returns why a disk does not match its record. */
export function diskReasons(
  disk: InstanceDisk,
  state: ComparedVm,
  disks: { has(path: string): boolean },
): readonly string[] {
  const own = state.comparison.differences.filter((each) => each.disk === disk.id);
  const place = placeReason(disk, state, disks);
  const way = `virt-appliance doctor reports why; ${toolCommand("adopt", state.found.vm)} updates the record`;
  if (place !== undefined) return own.length === 0 ? [place] : [`${place}; ${way}`];
  return disk.role === "data" ? [] : own.map(({ what }) => `it ${what}; ${way}`);
}
