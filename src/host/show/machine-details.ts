import type { Appliance } from "../../appliance/index.ts";

/** The machine that a descriptor describes, as `show --json` tells of it for appliances and recipes alike. */
export interface MachineDetails {
  readonly description: string | null;
  readonly vcpu: number;
  /** Null leaves it to the host. */
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
