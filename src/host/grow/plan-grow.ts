import { isDiscFormat } from "../../appliance/index.ts";
import { ApplianceError } from "../../errors.ts";
import { formatSizes } from "../../lib/format-size.ts";
import type { InstanceDisk } from "../instance/instance.ts";
import type { HostOperation } from "../steps/host-steps.ts";
import { busyReasons, internalSnapshotReasons } from "../machine/busy-reasons.ts";
import { diskReasons } from "../machine/disk-reasons.ts";
import type { VmState } from "../machine/vm-state.ts";

/** Requested size of a disk. */
export type GrowRequest = { readonly toBytes: number } | { readonly byBytes: number };

/** Sector size; sizes of disks are multiples of it. */
const SECTOR_BYTES = 512;

/** The plan of a disk's growth. */
export interface GrowOperation extends HostOperation {
  readonly disk: InstanceDisk;
  readonly fromBytes: number;
  readonly toBytes: number;
  /** True if the VM sees the new size immediately. */
  readonly isActive: boolean;
}

function findDisk({ found }: VmState, wanted: string): InstanceDisk {
  const { disks } = found.instance.current;
  const disk =
    disks.find((each) => each.id === wanted) ?? disks.find((each) => each.target === wanted);
  if (disk !== undefined) return disk;
  throw new ApplianceError("HOST_REFUSED", `${found.vm}: has no disk ${wanted}`, {
    details: disks.map(({ id, target, role }) => `disk ${id}: ${role}, at ${target}`),
  });
}

/**
 * Plans the growth of a disk, given by id or device name.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it
 */
export function planGrow(state: VmState, wanted: string, request: GrowRequest): GrowOperation {
  const { found, facts, disks } = state;
  const { vm } = found;
  const disk = findDisk(state, wanted);
  const { id, target, path, format } = disk;
  const fromBytes = disks.get(path)?.virtualSizeBytes ?? 0;
  const asked = "toBytes" in request ? request.toBytes : fromBytes + request.byBytes;
  const toBytes = Math.ceil(asked / SECTOR_BYTES) * SECTOR_BYTES;
  const [from, to] = formatSizes(fromBytes, toBytes);
  const reasons = [
    ...busyReasons(state, { running: "allow", snapshots: "refuse" }),
    ...internalSnapshotReasons(state),
    ...diskReasons({ ...disk, role: "system" }, state, disks),
    ...(disk.kind === "base" ? [`disk ${id}: shared and read-only`] : []),
    ...(toBytes < fromBytes ? [`disk ${id}: cannot shrink from ${from} to ${to}`] : []),
    ...(Number.isSafeInteger(toBytes) ? [] : [`disk ${id}: size is too large`]),
  ];
  if (isDiscFormat(format) || reasons.length > 0)
    throw new ApplianceError("HOST_REFUSED", `${vm}: ${id} cannot grow`, { details: reasons });
  return {
    verb: "grow",
    subject: vm,
    steps: [{ kind: "grow-disk", vm, target, path, format, sizeBytes: toBytes }],
    commitAfter: 1,
    disk,
    fromBytes,
    toBytes,
    isActive: facts.isActive,
  };
}
