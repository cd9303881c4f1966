import { defineStep, type StepKinds } from "../../lib/journal/journal.ts";
import { type InstallGuestStep, runInstaller } from "./run-installer.ts";
import type { HostAccess } from "../access/host-access.ts";

/** Creates a folder of one operation, which only root can read. */
export interface MakePrivateFolderStep {
  readonly kind: "make-private-folder";
  readonly path: string;
}

/** Steps that install a VM. */
export type ProvisionStep = MakePrivateFolderStep | InstallGuestStep;

/** How each of these steps is applied and undone. */
export const provisionSteps: StepKinds<HostAccess> &
  Readonly<Record<ProvisionStep["kind"], unknown>> = {
  "make-private-folder": defineStep<MakePrivateFolderStep, HostAccess>("make-private-folder", {
    describe: (step) => `create the folder ${step.path}, readable only by root`,
    apply: async (step, { effects }) => {
      // Leftovers of an earlier operation are not reused.
      await effects.remove(step.path);
      await effects.makeFolder(step.path, 0o700);
    },
    undo: (step, { effects }) => effects.remove(step.path),
  }),
  "install-guest": defineStep<InstallGuestStep, HostAccess>("install-guest", {
    describe: (step) =>
      `install ${step.vm}, waiting at most ${Math.ceil(step.timeoutSeconds / 60)} min`,
    apply: runInstaller,
    undo: (step, { libvirt }) => libvirt.stopDomain(step.vm),
  }),
};
