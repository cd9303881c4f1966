import { ApplianceError } from "../../errors.ts";
import type { Instance } from "../instance.ts";
import { writeInstance } from "../instance-xml.ts";
import { faultsOf } from "../machine/compare-record.ts";
import type { Comparison } from "../machine/compare-record.ts";
import type { AdoptOperation } from "./plan-adopt.ts";

/** A VM, as it is and as its record is. */
export interface RepointState {
  readonly vm: string;
  /** With the passwords in it. */
  readonly xml: string;
  readonly known: Instance;
  readonly comparison: Comparison;
}

/**
 * Plans how the record of a VM follows the domain: it is written anew where it names other files, layers or device names
 * than the domain has. No disk is touched.
 *
 * @throws ApplianceError `HOST_REFUSED` when the record says what is, or with every reason why it cannot follow
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
