import type { Appliance } from "../../appliance/index.ts";

/** The machine of a descriptor, in the form of `show --json` for appliances and recipes. */
export interface MachineDetails {
  readonly description: string | null;
  readonly vcpu: number;
  /** Null: chosen by the host. */
  readonly memoryMiB: number | null;
  readonly boots: readonly { readonly type: string; readonly arch: string }[];
}

/** Returns the machine of a descriptor; memory is rounded up to whole MiB. */
export function machineDetailsOf(appliance: Appliance): MachineDetails {
  return {
    description: appliance.description ?? null,
    vcpu: appliance.vcpu,
    memoryMiB: appliance.memoryKiB === undefined ? null : Math.ceil(appliance.memoryKiB / 1024),
    boots: appliance.boots.map(({ type, arch }) => ({ type, arch })),
  };
}
