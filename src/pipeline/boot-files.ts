import type { Appliance } from "../appliance/index.ts";
import { type ShippedFile, shippedFileName } from "../package/index.ts";
import { stagedAsIs } from "./staged-paths.ts";

/** Reserved file name in every payload folder. */
export const UNPACK_LIST = "unpack.list";

/** Returns kernel and initial RAM disk of an appliance as shipped, with different names. */
export function planBootFiles(appliance: Appliance): {
  readonly kernel: ShippedFile | undefined;
  readonly initrd: ShippedFile | undefined;
} {
  const taken = new Set([UNPACK_LIST]);
  const ship = (which: "kernel" | "initrd"): ShippedFile | undefined => {
    for (const { os } of appliance.boots) {
      const file = os.kind === "kernel" ? os[which] : undefined;
      if (file === undefined) continue;
      const name = shippedFileName(file, undefined, taken);
      taken.add(name);
      return { name, stagedPath: stagedAsIs(file), unpack: { action: "link" } };
    }
    return undefined;
  };
  return { kernel: ship("kernel"), initrd: ship("initrd") };
}
