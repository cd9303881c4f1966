import type { Machine } from "./read-domain.ts";

/** The machine of a descriptor that describes none: one processor, no way to boot, no devices. */
export const NO_MACHINE: Machine = {
  boots: [],
  vcpu: 1,
  memoryKiB: undefined,
  minimumMemoryKiB: undefined,
  interfaces: [],
  graphics: false,
  firmware: undefined,
  osinfo: undefined,
};
