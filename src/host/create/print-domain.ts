import { lstat } from "node:fs/promises";
import { commandLine } from "../../lib/command-line.ts";
import { ApplianceError } from "../../errors.ts";
import type { Context } from "../../lib/context.ts";
import { type Libvirt, parseDomain, type Pool } from "../../libvirt/index.ts";

/** virt-install examines every device of the host, which takes long on a busy host. */
const TIMEOUT_MS = 120_000;

/**
 * Returns one sentence for each missing disk of a printed domain: when it only prints, virt-install does not create the
 * disks that the caller's options name.
 */
export async function missingDisks(printed: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const { source, sourceType, format } of parseDomain(printed).disks) {
    if (source === undefined || !["file", "block"].includes(sourceType)) continue;
    if ((await lstat(source).catch(() => undefined)) !== undefined) continue;
    const command = `${commandLine("qemu-img", "create", "-f", format ?? "raw", source)} SIZE`;
    missing.push(`disk ${source}: missing; create it first: ${command}`);
  }
  return missing;
}

/**
 * Returns the domain that virt-install would define. Does not change the host.
 *
 * @throws ApplianceError `HOST_REFUSED` with what virt-install said; `HOST_LEFT_POOL` when options of the caller made
 */
export async function printDomain(
  args: readonly string[],
  host: { readonly context: Context; readonly libvirt: Libvirt },
): Promise<string> {
  const { context, libvirt } = host;
  const before = new Set((await libvirt.listPools()).map((pool) => pool.name));
  try {
    const { stdout } = await context.run("virt-install", args, { timeoutMs: TIMEOUT_MS });
    const start = stdout.indexOf("<domain");
    const end = stdout.indexOf("</domain>");
    if (start === -1 || end === -1) {
      throw new ApplianceError("LIBVIRT_UNEXPECTED", "virt-install: printed no domain");
    }
    return stdout.slice(start, end + "</domain>".length);
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code !== "LIB_EXEC_FAILED") throw error;
    throw new ApplianceError("HOST_REFUSED", "virt-install: rejected this VM", {
      cause: error,
      details: error.details.filter((line) => line.trim() !== ""),
    });
  } finally {
    // For a file in a folder that is not a pool (from an option of the caller), virt-install defines a pool.
    const isOurs = ({ name, targetPath }: Pool): boolean =>
      !before.has(name) && targetPath !== undefined && args.some((a) => a.includes(targetPath));
    for (const pool of await libvirt.listPools()) {
      if (isOurs(pool)) await libvirt.forgetPool(pool.name);
    }
  }
}
