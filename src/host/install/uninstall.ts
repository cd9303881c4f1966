import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { osinfoFileName } from "../../plan/index.ts";
import { readCatalogue } from "../catalogue.ts";
import { listPoolBases } from "../gc/pool-bases.ts";
import { scanUses } from "../gc/scan-uses.ts";
import { applyOperation, beginOnVm, lockCatalogue, recoverInterrupted } from "../host.ts";
import type { Host } from "../host.ts";
import type { HostPaths } from "../paths.ts";
import type { HostOperation } from "../steps/host-steps.ts";
import { reconcile } from "./install.ts";
import { chooseInstalled, planUninstall } from "./plan-uninstall.ts";
import type { InstalledPart, InstalledVersion } from "./plan-uninstall.ts";

/** A base that stays when its appliance goes. */
export interface LeftBase {
  readonly file: string;
  /** Space that it takes. */
  readonly bytes: number;
  /** Who uses it; none: `gc` reclaims it. */
  readonly users: readonly string[];
}

/** An appliance that goes without a package. */
export interface UninstallOperation extends HostOperation {
  readonly bases: readonly LeftBase[];
  /** What could not be looked at for users. */
  readonly obstacles: readonly string[];
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((): string[] => []);
}

/** Returns the package that a file belongs to, undefined when rpm knows of none, or is not there to be asked. */
async function ownerOf(file: string, host: Host): Promise<string | undefined> {
  const query = ["-qf", "--qf", "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\\n", file];
  try {
    const answer = await host.context.run("rpm", query, { acceptExitCodes: [1] });
    if (answer.exitCode === 0) return answer.stdout.split("\n", 1)[0];
    if (answer.stderr.trim() === "") return undefined;
    throw new ApplianceError("HOST_REFUSED", `${file}: rpm cannot tell which package owns it`, {
      details: answer.stderr.trim().split("\n"),
    });
  } catch (error) {
    if (error instanceof ApplianceError && error.code === "LIB_EXEC_MISSING") return undefined;
    throw error;
  }
}

/** Returns where an installation left something, there or not. */
function placesOf({ id, versionRelease, ...of }: InstalledVersion, paths: HostPaths): string[] {
  const [version = "", release = ""] = versionRelease.split("-");
  const names = [...new Set([of.package, of.package.replace(/-appliance$/, "")])];
  return [
    path.join(paths.catalogueDir, id),
    path.join(paths.payloadDir, of.package, versionRelease),
    ...names.map((name) => path.join(paths.osinfoDir, osinfoFileName({ name, version, release }))),
  ];
}

/**
 * Returns the operation that takes away what `install` brought, and changes nothing.
 *
 * @param wanted  NAME, NAME-VERSION or NAME-VERSION-RELEASE
 * @throws ApplianceError `HOST_UNKNOWN_APPLIANCE`; `HOST_REFUSED` when it came as a package, or several have this name
 */
export async function prepareUninstall(host: Host, wanted: string): Promise<UninstallOperation> {
  const { paths } = host;
  const folders = await namesIn(paths.catalogueDir);
  const catalogue = await readCatalogue(paths);
  const installed = chooseInstalled(catalogue, folders, wanted);
  const parts: InstalledPart[] = [];
  for (const file of placesOf(installed, paths)) {
    const isThere = (await lstat(file).catch(() => undefined)) !== undefined;
    if (isThere) parts.push({ path: file, owner: await ownerOf(file, host) });
  }
  const payloads = path.join(paths.payloadDir, installed.package);
  const operation = planUninstall({ ...catalogue, installed, parts, payloads });
  const prefix = `${installed.id}-`;
  const bases = (await listPoolBases(paths)).filter(({ file }) => file.startsWith(prefix));
  const { users, obstacles } = await scanUses(host, host.uri, bases);
  const itself = `package ${installed.id}`;
  return {
    ...operation,
    bases: bases.map(({ file, allocatedBytes }) => ({
      file,
      bytes: allocatedBytes,
      users: (users.get(file) ?? []).filter((user) => user !== itself),
    })),
    obstacles: obstacles.map(({ what }) => what),
  };
}

/**
 * Takes an appliance away that `install` brought: catalogue entry, payload, osinfo entry. Its bases stay, and so do the
 * VMs on them; `gc` reclaims what nothing uses.
 *
 * @returns whether everything else on the host is in order, as of `reconcile`
 * @throws ApplianceError as {@link prepareUninstall}
 */
export async function uninstall(
  host: Host,
  wanted: string,
): Promise<UninstallOperation & { readonly complete: boolean }> {
  await recoverInterrupted(host);
  const { subject } = await prepareUninstall(host, wanted);
  await using _lock = await beginOnVm(host, subject, "uninstall");
  let operation: UninstallOperation;
  {
    // Given back before reconcile, which takes it itself.
    await using _catalogue = await lockCatalogue(host, "uninstall");
    operation = await prepareUninstall(host, subject);
    await applyOperation(host, operation);
  }
  return { ...operation, complete: await reconcile(host) };
}
