import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { osinfoFileName } from "../../package/index.ts";
import { readCatalogue } from "../catalogue/catalogue.ts";
import { listPoolBases } from "../uses/pool-bases.ts";
import { scanUses } from "../uses/scan-uses.ts";
import { applyOperation } from "../operation/apply-operation.ts";
import { beginOnVm } from "../operation/begin-on-vm.ts";
import type { LocalHost } from "../access/local-host.ts";
import { lockCatalogue } from "../operation/locks.ts";
import { recoverInterrupted } from "../operation/recover-interrupted.ts";
import type { HostPaths } from "../access/paths.ts";
import type { HostOperation } from "../steps/host-steps.ts";
import { reconcile } from "../catalogue/reconcile.ts";
import {
  chooseInstalled,
  type InstalledPart,
  type InstalledVersion,
  planUninstall,
} from "./plan-uninstall.ts";

/** A base that is kept when its appliance is uninstalled. */
export interface LeftBase {
  readonly file: string;
  /** Space that it takes. */
  readonly bytes: number;
  /** Its users; if empty, `gc` deletes it. */
  readonly users: readonly string[];
}

/** The plan of an uninstallation. */
export interface UninstallOperation extends HostOperation {
  readonly bases: readonly LeftBase[];
  /** Places that could not be checked for users. */
  readonly obstacles: readonly string[];
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((): string[] => []);
}

/** Returns the package that owns a file; undefined if none does, or rpm is not installed. */
async function ownerOf(file: string, host: LocalHost): Promise<string | undefined> {
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

/** Returns the possible paths of an installation. */
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
 * Returns the operation that uninstalls an appliance. Changes nothing.
 *
 * @param wanted  NAME, NAME-VERSION or NAME-VERSION-RELEASE
 * @throws ApplianceError `HOST_UNKNOWN_APPLIANCE`; `HOST_REFUSED` if it was installed as a package, or several match
 */
export async function prepareUninstall(
  host: LocalHost,
  wanted: string,
): Promise<UninstallOperation> {
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
 * Uninstalls an appliance: catalogue entry, payload, osinfo entry. Keeps its bases and the VMs on them; `gc` deletes
 * unused bases.
 *
 * @returns whether `reconcile` found no problems
 * @throws ApplianceError as {@link prepareUninstall}
 */
export async function uninstall(
  host: LocalHost,
  wanted: string,
): Promise<UninstallOperation & { readonly complete: boolean }> {
  await recoverInterrupted(host);
  const { subject } = await prepareUninstall(host, wanted);
  await using _lock = await beginOnVm(host, subject, "uninstall");
  let operation: UninstallOperation;
  {
    // Released before reconcile, which takes it itself.
    await using _catalogue = await lockCatalogue(host, "uninstall");
    operation = await prepareUninstall(host, subject);
    await applyOperation(host, operation);
  }
  return { ...operation, complete: await reconcile(host) };
}
