import type { StepKinds } from "../../lib/journal.ts";
import type { HostAccess } from "../host-access.ts";
import { baseSteps } from "./base-steps.ts";
import type { BaseStep } from "./base-steps.ts";
import { diskSteps } from "./disk-steps.ts";
import type { DiskStep } from "./disk-steps.ts";
import { domainSteps } from "./domain-steps.ts";
import type { DomainStep } from "./domain-steps.ts";
import { exportSteps } from "./export-steps.ts";
import type { ExportStep } from "./export-steps.ts";
import { guestSteps } from "./guest-steps.ts";
import type { GuestStep } from "./guest-steps.ts";
import { installSteps } from "./install-steps.ts";
import type { InstallStep } from "./install-steps.ts";
import { provisionSteps } from "./provision-steps.ts";
import type { ProvisionStep } from "./provision-steps.ts";

/** One step of an operation on a host. */
export type HostStep =
  BaseStep | DiskStep | DomainStep | ExportStep | GuestStep | InstallStep | ProvisionStep;

/** Every kind of step in the journal of a host. */
export const hostSteps: StepKinds<HostAccess> & Readonly<Record<HostStep["kind"], unknown>> = {
  ...baseSteps,
  ...diskSteps,
  ...domainSteps,
  ...exportSteps,
  ...guestSteps,
  ...installSteps,
  ...provisionSteps,
};

/** A change of a host: several steps that are applied completely or not at all. */
export interface HostOperation {
  readonly verb: string;
  /** Name of the VM or package. */
  readonly subject: string;
  readonly steps: readonly HostStep[];
  /** See `Operation` of the journal. */
  readonly commitAfter: number;
}
