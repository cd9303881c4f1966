import { findNameProblems } from "../../appliance/index.ts";
import { ApplianceError } from "../../errors.ts";

/**
 * Refuses a `--name` that cannot be the name of an appliance.
 *
 * @throws ApplianceError `CLI_USAGE`
 */
export function checkApplianceName(name: string | undefined): void {
  const [problem] = name === undefined ? [] : findNameProblems(name);
  if (problem !== undefined)
    throw new ApplianceError("CLI_USAGE", `--name: "${name ?? ""}": ${problem}`);
}
