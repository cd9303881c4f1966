import { lstat } from "node:fs/promises";
import path from "node:path";
import { installationFolder } from "../../lib/installation.ts";
import { hostLayout } from "../../package/index.ts";
import type { HostAccess } from "../access/host-access.ts";

async function exists(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => undefined)) !== undefined;
}

/**
 * Runs the `reconcile` script, which updates bases, pool and registration from the catalogue: the host's, otherwise the
 * one in this program.
 *
 * @param onOutcome  called with each line of its output; problems are always logged as warnings
 * @returns whether there were no problems
 */
export async function reconcile(
  host: HostAccess,
  options: { readonly onOutcome?: (line: string) => void } = {},
): Promise<boolean> {
  const { onOutcome } = options;
  const own = path.join(host.paths.root, hostLayout.reconcile);
  const script = (await exists(own))
    ? own
    : path.join(installationFolder, "spec-templates/host/reconcile");
  const root = host.paths.root === "/" ? [] : ["--root", host.paths.root];
  const quiet = onOutcome === undefined ? ["--quiet"] : [];
  let rest = "";
  const onStdout = (chunk: string): void => {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onOutcome?.(line);
  };
  const { exitCode, stderr } = await host.effects.run("sh", [script, ...quiet, ...root], {
    acceptExitCodes: [1],
    onStdout,
  });
  for (const line of stderr.split("\n"))
    if (line !== "") host.context.logger.warn(line.replace(/^virt-appliance: /, ""));
  return exitCode === 0;
}
