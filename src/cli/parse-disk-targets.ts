import { ApplianceError } from "../errors.ts";

/**
 * Returns which disk of a VM each disk of an appliance is: device names by id.
 *
 * @throws ApplianceError `CLI_USAGE` for what is not DISK=TARGET
 */
export function parseDiskTargets(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const [, id, target] = /^(.+)=([^=]+)$/s.exec(text) ?? [];
      if (id !== undefined && target !== undefined) return [id, target];
      throw new ApplianceError("CLI_USAGE", `--disk: "${text}", expected DISK=TARGET: data=vdb`);
    }),
  );
}
