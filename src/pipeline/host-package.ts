import { mkdir, rename } from "node:fs/promises";
import path from "node:path";
import { fileError, openTemporaryFolder } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { readInstalled } from "../lib/installation.ts";
import { planHostPackage } from "../plan/index.ts";
import type { HostTexts, PackagePlan } from "../plan/index.ts";
import { buildRpm } from "../rpm/index.ts";
import type { BuiltRpm } from "../rpm/index.ts";
import { signRpm } from "../sign/index.ts";
import type { Signer } from "../sign/index.ts";

/** What virt-appliance-host is called and dated. */
export interface HostPackageOptions {
  readonly outputFolder: string;
  readonly version: string;
  readonly release: string;
  /** Build time and time of every file, Unix seconds. */
  readonly dateSeconds: number;
  /** Undefined: the package stays unsigned. */
  readonly signer?: Signer;
}

async function readHostTexts(): Promise<HostTexts> {
  return {
    reconcile: await readInstalled("spec-templates/host/reconcile"),
    reconcileBases: await readInstalled("spec-templates/host/reconcile-bases.sh"),
    reconcilePool: await readInstalled("spec-templates/host/reconcile-pool.sh"),
    unit: await readInstalled("spec-templates/host/virt-appliance-reconcile.service"),
    preset: await readInstalled("spec-templates/host/80-virt-appliance-host.preset"),
    tmpfiles: await readInstalled("spec-templates/host/virt-appliance-host.conf"),
    settings: await readInstalled("spec-templates/host/host.conf"),
    readme: await readInstalled("spec-templates/host/README.md"),
    license: await readInstalled("LICENSE"),
    postScriptlet: await readInstalled("spec-templates/scriptlets/host-post.sh"),
    preunScriptlet: await readInstalled("spec-templates/scriptlets/host-preun.sh"),
    hookIn: await readInstalled("spec-templates/scriptlets/hook-in.sh"),
    hookPostun: await readInstalled("spec-templates/scriptlets/hook-postun.sh"),
  };
}

/** Answers the plan of virt-appliance-host, from the texts in spec-templates/. */
export async function planHost(
  options: Pick<HostPackageOptions, "version" | "release" | "dateSeconds">,
): Promise<PackagePlan> {
  const { version, release, dateSeconds } = options;
  return planHostPackage({ version, release, dateSeconds, texts: await readHostTexts() });
}

/**
 * Writes virt-appliance-host into a folder, which is made when it is missing, and answers where it is.
 *
 * @throws ApplianceError `RPM_*` for a version or release that rpm cannot hold; `LIB_IO`, `LIB_NO_SPACE`, `LIB_INTERRUPTED`
 */
export async function buildHostPackage(
  options: HostPackageOptions,
  context: Context,
): Promise<BuiltRpm> {
  await mkdir(options.outputFolder, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, options.outputFolder);
  });
  // The texts are in the plan: nothing is staged.
  await using staging = await openTemporaryFolder(options.outputFolder);
  const folders = { stagingFolder: staging.path, outputFolder: staging.path };
  const built = await buildRpm(await planHost(options), folders, context);
  if (options.signer !== undefined) await signRpm(built.path, options.signer, context);
  const target = path.join(options.outputFolder, path.basename(built.path));
  await rename(built.path, target);
  return { ...built, path: target };
}
