import { ApplianceError } from "../../errors.ts";
import { parseDomain } from "../../libvirt/index.ts";
import { defineStep, type StepKinds } from "../../lib/journal/journal.ts";
import type { HostAccess } from "../access/host-access.ts";
import { requireNotOnNewDisks, requireNotOnOldDisks } from "./live-disks.ts";

/** Defines a domain, or redefines it. */
export interface DefineDomainStep {
  readonly kind: "define-domain";
  readonly vm: string;
  readonly xml: string;
  /** Previous XML; null if the domain did not exist. */
  readonly previousXml: string | null;
}

/** Undefines a domain, but keeps its firmware variables and TPM state, so that it can be defined again. */
export interface UndefineDomainStep {
  readonly kind: "undefine-domain";
  readonly vm: string;
  readonly xml: string;
  readonly autostart: boolean;
}

/** Starts a domain. */
export interface StartDomainStep {
  readonly kind: "start-domain";
  readonly vm: string;
}

/** Forces a running domain off. */
export interface StopDomainStep {
  readonly kind: "stop-domain";
  readonly vm: string;
}

/** Enables or disables the autostart of a domain. */
export interface SetAutostartStep {
  readonly kind: "set-autostart";
  readonly vm: string;
  readonly state: "on" | "off";
}

/** Steps that change domains. */
export type DomainStep =
  DefineDomainStep | UndefineDomainStep | StartDomainStep | StopDomainStep | SetAutostartStep;

/** How each of these steps is applied and undone. */
export const domainSteps: StepKinds<HostAccess> & Readonly<Record<DomainStep["kind"], unknown>> = {
  "define-domain": defineStep<DefineDomainStep, HostAccess>("define-domain", {
    describe: (step) =>
      `${step.previousXml === null ? "define" : "redefine"} the domain ${step.vm}`,
    apply: async (step, { libvirt }) => {
      await requireNotOnOldDisks(step, libvirt);
      await libvirt.defineDomain(step.xml);
      // From here on it starts with the new disks, but it may have been started just before.
      await requireNotOnOldDisks(step, libvirt);
    },
    undo: async (step, { libvirt }) => {
      await requireNotOnNewDisks(step, libvirt);
      // Another domain of this name may have been defined in the meantime.
      const { uuid } = parseDomain(step.xml);
      if (step.previousXml === null)
        await libvirt.undefineDomain(step.vm, { state: "remove", uuid });
      else await libvirt.defineDomain(step.previousXml);
      // It may have been started just before, and its disks are removed next.
      await requireNotOnNewDisks(step, libvirt);
    },
  }),
  "undefine-domain": defineStep<UndefineDomainStep, HostAccess>("undefine-domain", {
    describe: (step) => `undefine the domain ${step.vm}`,
    apply: (step, { libvirt }) => libvirt.undefineDomain(step.vm, { state: "keep" }),
    undo: async (step, { libvirt }) => {
      await libvirt.defineDomain(step.xml);
      if (step.autostart) await libvirt.setAutostart(step.vm, "on");
    },
  }),
  "start-domain": defineStep<StartDomainStep, HostAccess>("start-domain", {
    describe: (step) => `start ${step.vm}`,
    apply: (step, { libvirt }) => libvirt.startDomain(step.vm),
    undo: (step, { libvirt }) => libvirt.stopDomain(step.vm),
  }),
  "stop-domain": defineStep<StopDomainStep, HostAccess>("stop-domain", {
    describe: (step) => `force ${step.vm} off`,
    apply: (step, { libvirt }) => libvirt.stopDomain(step.vm),
    undo: (step, { libvirt }) => libvirt.startDomain(step.vm),
  }),
  "set-autostart": defineStep<SetAutostartStep, HostAccess>("set-autostart", {
    describe: (step) => `${step.state === "on" ? "enable" : "disable"} autostart of ${step.vm}`,
    apply: (step, { libvirt }) => libvirt.setAutostart(step.vm, step.state),
    undo: async (step, { libvirt }) => {
      try {
        await libvirt.setAutostart(step.vm, step.state === "on" ? "off" : "on");
      } catch (error) {
        // Already undone, together with the step that defined the domain.
        if (!(error instanceof ApplianceError) || error.code !== "LIBVIRT_UNKNOWN") throw error;
      }
    },
  }),
};
