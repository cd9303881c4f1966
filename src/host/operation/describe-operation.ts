import { describeSteps } from "../../lib/journal/journal.ts";
import { type HostStep, hostSteps } from "../steps/host-steps.ts";

/** Describes the steps of an operation, one line each. */
export function describeOperation(steps: readonly HostStep[]): readonly string[] {
  return describeSteps(steps, hostSteps);
}
