import { findEntry, readAppliance, readCatalogue } from "../catalogue/catalogue.ts";
import { checkBase } from "../catalogue/base.ts";
import type { HostAccess } from "../access/host-access.ts";
import { baseFilesOf } from "../catalogue/catalogue-entry.ts";
import { type MachineDetails, machineDetailsOf } from "./machine-details.ts";

/** Details of one installed version of an appliance; the form of `show --json`, to which fields are only added. */
export interface ApplianceDetails extends MachineDetails {
  /** Recipes are shown by `showRecipe`. */
  readonly kind: "image";
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  readonly label: string;
  readonly osinfo: readonly string[];
  readonly disks: readonly {
    readonly id: string;
    readonly role: string;
    readonly sizeBytes: number | null;
    /** Null for a disk that is created empty. */
    readonly base: string | null;
  }[];
  /** Parameters for `create --set`. */
  readonly parameters: readonly {
    readonly name: string;
    readonly description: string | null;
    readonly default: string | null;
    readonly required: boolean;
  }[];
  /** Other installed versions, newest first. */
  readonly otherVersions: readonly string[];
  /** Why VMs cannot be created from it. */
  readonly problems: readonly string[];
}

/**
 * Returns the details of one installed version of an appliance. Hashes bases that changed.
 *
 * @throws ApplianceError `HOST_UNKNOWN_APPLIANCE`, `HOST_CATALOGUE_BAD`
 */
export async function showAppliance(
  host: Pick<HostAccess, "paths" | "context">,
  wanted: string,
): Promise<ApplianceDetails> {
  const catalogue = await readCatalogue(host.paths);
  const entry = findEntry(catalogue, wanted);
  const appliance = await readAppliance(entry);
  const problems: string[] = [];
  for (const base of baseFilesOf(entry)) {
    const { problem } = await checkBase(base, host);
    if (problem !== undefined) problems.push(problem);
  }
  return {
    kind: "image",
    name: entry.name,
    package: entry.package,
    version: entry.version,
    release: entry.release,
    arch: entry.arch,
    label: entry.label,
    osinfo: entry.osinfoIds,
    ...machineDetailsOf(appliance),
    disks: [
      ...entry.bases.map((base) => ({
        id: base.disk,
        role: base.role,
        sizeBytes: base.virtualSizeBytes,
        base: base.file,
      })),
      ...entry.empty.map((disk) => ({
        id: disk.disk,
        role: disk.role,
        sizeBytes: disk.virtualSizeBytes ?? null,
        base: null,
      })),
    ],
    parameters: appliance.parameters.map((each) => ({
      name: each.name,
      description: each.description ?? null,
      default: each.default ?? null,
      required: each.required,
    })),
    otherVersions: catalogue.entries
      .filter((each) => each.package === entry.package && each !== entry)
      .map((each) => `${each.version}-${each.release}`),
    problems,
  };
}
