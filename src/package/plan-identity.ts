import type { Appliance } from "../appliance/index.ts";
import { parseChangelog } from "../lib/parse-changelog.ts";
import type { PackageOptions } from "./package-options.ts";
import type { PackagePlan } from "./package-plan.ts";

/** Returns packager, URL and changelog of a package. The builder's options override the descriptor. */
export function planIdentity(
  appliance: Appliance,
  options: Pick<PackageOptions, "packager" | "url" | "changelog">,
): Pick<PackagePlan, "vendor" | "packager" | "url" | "changelog"> {
  const packager = options.packager ?? appliance.packager;
  const url = options.url ?? appliance.url;
  const { vendor, changelog } = appliance;
  return {
    ...(vendor === undefined ? {} : { vendor }),
    ...(packager === undefined ? {} : { packager }),
    ...(url === undefined ? {} : { url }),
    changelog:
      options.changelog ?? (changelog === undefined ? [] : parseChangelog(changelog).entries),
  };
}
