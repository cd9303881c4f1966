import { ApplianceError } from "../errors.ts";
import { type Host, openHost } from "../host/index.ts";
import type { Cli } from "./command.ts";

/**
 * Opens the host for a command.
 *
 * @param options.changes  whether the command changes the host, which requires root
 * @throws ApplianceError `HOST_NEEDS_ROOT`
 */
export async function openHostOf(
  cli: Cli,
  options: { readonly connect: string | undefined; readonly changes: boolean },
): Promise<Host> {
  if (options.changes && process.getuid?.() !== 0) {
    throw new ApplianceError("HOST_NEEDS_ROOT", "this command changes the host: it needs root", {
      hint: "run it with sudo",
    });
  }
  return openHost(cli.context, { uri: options.connect });
}
