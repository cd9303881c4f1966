import type { StepKinds } from "../../lib/journal/journal.ts";
import type { HostAccess } from "../access/host-access.ts";
import { type BaseStep, baseSteps } from "./base-steps.ts";
import { type DiskStep, diskSteps } from "./disk-steps.ts";
import { type DomainStep, domainSteps } from "./domain-steps.ts";
import { type ExportStep, exportSteps } from "./export-steps.ts";
import { type GuestStep, guestSteps } from "./guest-steps.ts";
import { type InstallStep, installSteps } from "./install-steps.ts";
import { type ProvisionStep, provisionSteps } from "./provision-steps.ts";

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
