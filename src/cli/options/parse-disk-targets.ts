import { ApplianceError } from "../../errors.ts";

/**
 * Returns the device name in the VM for each disk id of the appliance.
 *
 * @throws ApplianceError `CLI_USAGE` for a value that is not DISK=TARGET
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
