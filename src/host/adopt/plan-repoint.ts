import { ApplianceError } from "../../errors.ts";
import type { Instance } from "../instance/instance.ts";
import { writeInstance } from "../instance/instance-xml.ts";
import { type Comparison, faultsOf } from "../machine/compare-record.ts";
import type { AdoptOperation } from "./plan-adopt.ts";

/** A VM and its record. */
export interface RepointState {
  readonly vm: string;
  /** Including passwords. */
  readonly xml: string;
  readonly known: Instance;
  readonly comparison: Comparison;
}

/**
 * Plans the update of a VM's record to its domain, if it has other files, layers or device names. Changes no disk.
 *
 * @throws ApplianceError `HOST_REFUSED` if the record already matches, or with every reason why it cannot be updated
 */
export function planRepoint({ vm, xml, known, comparison }: RepointState): AdoptOperation {
  const { instance, reasons } = comparison;
  const faults = faultsOf(comparison);
  const { version, release } = known.current;
  const as = `${known.appliance} ${version}-${release}`;
  const details =
    faults.length === 0
      ? [`already recorded as ${as}, and the record matches the domain`]
      : reasons;
  if (details.length > 0)
    throw new ApplianceError("HOST_REFUSED", `${vm}: cannot be adopted`, { details });
  return {
    verb: "adopt",
    subject: vm,
    steps: [{ kind: "define-domain", vm, xml: writeInstance(xml, instance), previousXml: xml }],
    commitAfter: 1,
    instance,
    notes: faults.map(({ what }) => `it ${what}: updates the record`),
  };
}
