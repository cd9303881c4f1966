import type { PackagePlan, Relation } from "./package-plan.ts";
import type { PackageNaming } from "./naming.ts";

/** Everything that an image package provides, requires and recommends. */
export function planRelations(
  naming: PackageNaming,
  options: { readonly expands: boolean },
): Pick<
  PackagePlan,
  | "provides"
  | "requires"
  | "conflicts"
  | "obsoletes"
  | "recommends"
  | "suggests"
  | "supplements"
  | "enhances"
> {
  const requires: Relation[] = [{ name: "virt-appliance-host", phases: ["post"] }];
  // Disks that the builder kept raw are decompressed by %post.
  if (options.expands) requires.push({ name: "zstd", phases: ["post"] });
  return {
    provides: [
      // dnf and yum keep versions of such packages side by side, by their default configuration.
      { name: "installonlypkg(vm)" },
      {
        name: `virt-appliance(${naming.appliance})`,
        comparison: "=",
        version: naming.versionRelease,
      },
    ],
    requires: [{ name: "virt-appliance-host" }, ...requires],
    conflicts: [],
    obsoletes: [],
    // Weak, so that removing an appliance does not remove the tool, nor the reverse.
    recommends: [{ name: "virt-appliance" }],
    suggests: [],
    supplements: [],
    enhances: [],
  };
}
