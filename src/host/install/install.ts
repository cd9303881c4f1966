import { lstat, stat } from "node:fs/promises";
import path from "node:path";
import { measureQuoted } from "../../rpm/index.ts";
import { reconcile } from "../catalogue/reconcile.ts";
import { applyOperation } from "../operation/apply-operation.ts";
import { beginOnVm } from "../operation/begin-on-vm.ts";
import type { LocalHost } from "../access/local-host.ts";
import { lockCatalogue } from "../operation/locks.ts";
import type { HostOperation } from "../steps/host-steps.ts";
import { foldersOf, packageIdOf, planInstall, type StagedPackage } from "./plan-install.ts";

async function exists(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => undefined)) !== undefined;
}

async function isFolder(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isDirectory() === true;
}

/** Returns the operation that installs an appliance. Changes nothing. */
export async function prepareInstall(
  host: LocalHost,
  staged: StagedPackage,
): Promise<HostOperation> {
  const files = staged.plan.entries.filter((entry) => entry.kind === "file");
  const taken: string[] = [];
  for (const { path: file } of files)
    if (await exists(path.join(host.paths.root, file))) taken.push(file);
  const missingFolders: string[] = [];
  for (const folder of foldersOf(staged.plan))
    if (!(await isFolder(path.join(host.paths.root, folder)))) missingFolders.push(folder);
  const facts = await measureQuoted(staged.plan, staged.stagingFolder, host.context.signal);
  return planInstall({ staged, facts, taken, missingFolders }, host.paths);
}

/**
 * Installs an appliance into payload folder and catalogue, like its package, and unpacks its bases.
 *
 * @returns what was done, and whether `reconcile` found no problems
 * @throws ApplianceError `HOST_REFUSED` if this version is already installed
 */
export async function installStaged(
  host: LocalHost,
  staged: StagedPackage,
): Promise<HostOperation & { readonly complete: boolean }> {
  await using _lock = await beginOnVm(host, packageIdOf(staged.plan), "install");
  let operation: HostOperation;
  {
    // Released before reconcile, which takes it itself.
    await using _catalogue = await lockCatalogue(host, "install");
    operation = await prepareInstall(host, staged);
    await applyOperation(host, operation);
  }
  return { ...operation, complete: await reconcile(host) };
}
