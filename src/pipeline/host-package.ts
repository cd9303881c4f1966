import type { Context } from "../lib/context.ts";
import { readInstalled } from "../lib/installation.ts";
import { type HostTexts, type PackagePlan, planHostPackage } from "../package/index.ts";
import type { BuiltRpm } from "../rpm/index.ts";
import { type OwnPackageOptions, writeOwnPackage } from "./own-package.ts";

async function readHostTexts(): Promise<HostTexts> {
  return {
    reconcile: await readInstalled("spec-templates/host/reconcile"),
    reconcileBases: await readInstalled("spec-templates/host/reconcile-bases.sh"),
    reconcileFormats: await readInstalled("spec-templates/host/reconcile-formats.sh"),
    reconcilePool: await readInstalled("spec-templates/host/reconcile-pool.sh"),
    unit: await readInstalled("spec-templates/host/virt-appliance-reconcile.service"),
    preset: await readInstalled("spec-templates/host/80-virt-appliance-host.preset"),
    tmpfiles: await readInstalled("spec-templates/host/virt-appliance-host.conf"),
    settings: await readInstalled("spec-templates/host/host.conf"),
    readme: await readInstalled("spec-templates/host/README.md"),
    license: await readInstalled("LICENSE"),
    fedoraMinimal: await readInstalled("spec-templates/host/kickstarts/fedora-minimal.ks"),
    postScriptlet: await readInstalled("spec-templates/scriptlets/host-post.sh"),
    preunScriptlet: await readInstalled("spec-templates/scriptlets/host-preun.sh"),
    hookIn: await readInstalled("spec-templates/scriptlets/hook-in.sh"),
    hookPostun: await readInstalled("spec-templates/scriptlets/hook-postun.sh"),
  };
}

/** Returns the plan of virt-appliance-host, from the texts in spec-templates/. */
export async function planHost(
  options: Pick<OwnPackageOptions, "version" | "release" | "dateSeconds">,
): Promise<PackagePlan> {
  const { version, release, dateSeconds } = options;
  return planHostPackage({ version, release, dateSeconds, texts: await readHostTexts() });
}

/**
 * Writes the package virt-appliance-host into a folder, which is created if it is missing, and returns its path.
 *
 * @throws ApplianceError `RPM_*` for a version or release that rpm does not allow; `LIB_IO`, `LIB_NO_SPACE`,
 *   `LIB_INTERRUPTED`
 */
export async function buildHostPackage(
  options: OwnPackageOptions,
  context: Context,
): Promise<BuiltRpm> {
  return writeOwnPackage(await planHost(options), { ...options, staged: {} }, context);
}
