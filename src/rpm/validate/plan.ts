import { countOf } from "../../lib/count-of.ts";
import { ApplianceError } from "../../errors.ts";
import type { PackagePlan } from "../../package/index.ts";
import { entriesProblems } from "./entries.ts";
import { identityProblems } from "./identity.ts";
import { relationsProblems } from "./relations.ts";
import { scriptletsProblems } from "./scriptlets.ts";

/**
 * Returns everything in a plan that an RPM cannot express or that rpm would not install; empty if the plan is valid.
 * Pure.
 */
export function validatePlan(plan: PackagePlan): readonly string[] {
  return [
    ...identityProblems(plan),
    ...relationsProblems(plan),
    ...scriptletsProblems(plan),
    ...entriesProblems(plan),
  ];
}

/**
 * Refuses a plan that cannot be written.
 *
 * @throws ApplianceError `RPM_BAD_PLAN` with all problems
 */
export function refuseBadPlan(plan: PackagePlan): void {
  const problems = validatePlan(plan);
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length === 1) throw new ApplianceError("RPM_BAD_PLAN", `${plan.name}: ${first}`);
  throw new ApplianceError(
    "RPM_BAD_PLAN",
    `${plan.name}: ${countOf(problems.length, "problem")} in the planned package, expected none`,
    { details: problems },
  );
}
