import { stat } from "node:fs/promises";
import { ApplianceError } from "../../../errors.ts";
import { throwIfInterrupted } from "../../../lib/interrupt.ts";
import type { InstallerNeeds } from "../../../recipe/index.ts";
import type { InstallerRequest } from "./recipe-request.ts";

/** Maximum response time of a server for one small file. */
const ANSWER_MS = 20_000;

/** Files of which a tree has at least one; the tree itself is readable if its folder is listed. */
const probes = [".treeinfo", "treeinfo", "", "images/pxeboot/vmlinuz"] as const;

/** Returns the requested installer, otherwise the kickstart's installation tree. */
export function chooseInstaller(
  wanted: InstallerRequest | undefined,
  needs: InstallerNeeds,
): InstallerRequest | undefined {
  if (wanted !== undefined) return wanted;
  // Only the installer understands other addresses.
  const isAddress = needs.tree !== undefined && /^(?:https?|ftp):\/\//i.test(needs.tree);
  return isAddress ? { kind: "tree", location: needs.tree ?? "" } : undefined;
}

/** Returns why virt-install cannot use an installer, one sentence each. */
export function installerReasons(installer: InstallerRequest | undefined): readonly string[] {
  if (installer === undefined)
    return [
      "installer: the kickstart has no installation tree (url --url); use --location, or --kernel and --initrd",
    ];
  const named =
    installer.kind === "tree"
      ? { "--location": installer.location }
      : { "--kernel": installer.kernel, "--initrd": installer.initrd };
  return Object.entries(named).flatMap(([option, value]) => {
    if (/^[a-z]+:\/\/[^/]*@/i.test(value))
      return [
        "installer: the address of the installation tree contains a password, which all users of the host could see; choose another tree with --location",
      ];
    if (/\$[a-z{]/i.test(value))
      return [`installer: "${value}" has a variable that only the installer knows; use --location`];
    return /[,"'\\\s]|^-|^$|[^\P{C}]/u.test(value)
      ? [`${option}: "${value}" has a character that virt-install does not accept`]
      : [];
  });
}

function unreachable(place: string, fact: string, cause?: unknown): ApplianceError {
  return new ApplianceError("HOST_TREE_UNREACHABLE", `${place}: ${fact}`, {
    cause,
    hint: "choose another tree with --location, or a kernel with --kernel and --initrd",
  });
}

/** Returns a short reason for a failed request: `connect ECONNREFUSED 127.0.0.1:80`. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}

/** Returns whether a request failed because the server's certificate is not trusted. */
function isMistrust(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return /CERT|SIGNATURE|ISSUER/.test(code);
}

async function checkAddress(address: string, signal: AbortSignal): Promise<void> {
  const base = address.endsWith("/") ? address : `${address}/`;
  const answers: number[] = [];
  for (const probe of probes) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    try {
      const response = await fetch(new URL(probe, base), { signal: limit });
      await response.body?.cancel();
      if (response.ok) return;
      answers.push(response.status);
    } catch (error) {
      throwIfInterrupted(signal, address);
      // virt-install uses the host's trusted certificates, which may be more.
      if (isMistrust(error)) return;
      const isLate = error instanceof Error && error.name === "TimeoutError";
      const why = isLate ? `no response within ${ANSWER_MS / 1000} s` : reasonOf(error);
      throw unreachable(address, `the installation tree cannot be reached: ${why}`, error);
    }
  }
  const status = [...new Set(answers)].join(", ");
  throw unreachable(address, `not an installation tree: the server responds with ${status}`);
}

async function checkFile(file: string, isTree: boolean): Promise<void> {
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined) throw unreachable(file, "no such file or folder");
  if (stats.isDirectory() && isTree) return;
  if (!stats.isFile() || stats.size === 0)
    throw unreachable(file, isTree ? "neither a folder nor an ISO image" : "not a file, or empty");
}

/**
 * Checks that an installer can be reached, before anything is created.
 *
 * @throws ApplianceError `HOST_TREE_UNREACHABLE`
 */
export async function checkInstaller(
  installer: InstallerRequest,
  signal: AbortSignal,
): Promise<void> {
  if (installer.kind === "kernel") {
    await checkFile(installer.kernel, false);
    await checkFile(installer.initrd, false);
  } else if (/^https?:\/\//i.test(installer.location)) {
    await checkAddress(installer.location, signal);
  } else if (!/^ftp:\/\//i.test(installer.location)) {
    await checkFile(installer.location, true);
  }
}
