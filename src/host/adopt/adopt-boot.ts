import path from "node:path";
import type { Appliance } from "../../appliance/index.ts";
import type { BaseFile, CatalogueEntry } from "../catalogue/catalogue-entry.ts";
import { planBootFile, type PlannedFile } from "../domain/plan-disks.ts";
import type { AdoptState } from "./adopt-state.ts";

/** Boot settings of the adopted VM, or why they cannot be determined. */
export interface MatchedBoot {
  /** Index of the boot descriptor. */
  readonly boot: number;
  /** The VM's own copies, from which it boots after adoption. */
  readonly kernel: PlannedFile | undefined;
  readonly initrd: PlannedFile | undefined;
  readonly reasons: readonly string[];
}

function matchIndex(
  state: AdoptState,
  appliance: Appliance,
  given: number | undefined,
): number | string {
  const { os } = state.domain;
  const isKernel = os.kernel !== undefined;
  const suiting = appliance.boots.flatMap((boot, index) => {
    const isSame = boot.type === os.type && (os.arch === undefined || boot.arch === os.arch);
    return isSame && (boot.os.kind === "kernel") === isKernel ? [index] : [];
  });
  const how = `${os.type} ${os.arch ?? ""} from ${isKernel ? "a kernel" : "a disk"}`;
  if (given !== undefined)
    return suiting.includes(given)
      ? given
      : `boot ${given}: does not match the domain, which boots as ${how}`;
  const [first, second] = suiting;
  if (first === undefined) return `the appliance has no boot descriptor for ${how}`;
  if (second === undefined) return first;
  return `boot descriptors ${suiting.join(", ")} match: choose one with --boot`;
}

/** Plans the VM's own copy of a boot file, or returns why that is not possible. */
function ownFile(
  state: AdoptState,
  place: { readonly entry: CatalogueEntry; readonly folder: string; readonly baseDir: string },
  file: {
    readonly used: string | undefined;
    readonly base: BaseFile | undefined;
    readonly what: string;
  },
): PlannedFile | string | undefined {
  const { used, base, what } = file;
  if (used === undefined) return undefined;
  if (base === undefined) return `${what} ${used}: the appliance has none`;
  if (state.bootDigests.get(used) !== base.sha256)
    return `${what} ${used}: differs from the appliance's ${what}`;
  const planned = planBootFile({ ...place, vm: state.vm }, base);
  if (state.names.get(place.folder)?.includes(path.basename(planned.path)) === true)
    return `${planned.path}: the file exists`;
  return planned;
}

/** Determines the boot descriptor of a domain, and plans its own copies of kernel and initial RAM disk. */
export function matchBoot(
  state: AdoptState,
  appliance: Appliance,
  options: {
    readonly entry: CatalogueEntry;
    readonly given: number | undefined;
    readonly folder: string;
    readonly baseDir: string;
  },
): MatchedBoot {
  const { entry } = options;
  const { os } = state.domain;
  const index = matchIndex(state, appliance, options.given);
  const kernel = ownFile(state, options, { used: os.kernel, base: entry.kernel, what: "kernel" });
  const initrd = ownFile(state, options, { used: os.initrd, base: entry.initrd, what: "initrd" });
  return {
    boot: typeof index === "number" ? index : 0,
    kernel: typeof kernel === "string" ? undefined : kernel,
    initrd: typeof initrd === "string" ? undefined : initrd,
    reasons: [index, kernel, initrd].filter((each) => typeof each === "string"),
  };
}
