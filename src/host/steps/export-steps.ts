import { flattenImage } from "../../image/index.ts";
import { defineStep, type StepKinds } from "../../lib/journal/journal.ts";
import type { HostAccess } from "../access/host-access.ts";
import { identityOf } from "./make-new.ts";

/** Writes a disk with all its backing files into one image. */
export interface FlattenDiskStep {
  readonly kind: "flatten-disk";
  readonly from: string;
  readonly format: "qcow2" | "raw";
  readonly path: string;
}

/** Renames a complete folder; replaces an empty folder of that name. */
export interface MoveFolderStep {
  readonly kind: "move-folder";
  readonly from: string;
  readonly path: string;
}

/** Steps that write a VM into a folder. */
export type ExportStep = FlattenDiskStep | MoveFolderStep;

/** How each of these steps is applied and undone. */
export const exportSteps: StepKinds<HostAccess> & Readonly<Record<ExportStep["kind"], unknown>> = {
  "flatten-disk": defineStep<FlattenDiskStep, HostAccess>("flatten-disk", {
    describe: (step) => `write ${step.from}, with all its backing files, to ${step.path}`,
    apply: async (step, { context, effects }) => {
      const { from, format: fromFormat, path: to } = step;
      await effects.perform(`flatten ${to}`, () => flattenImage({ from, fromFormat, to }, context));
    },
    undo: (step, { effects }) => effects.remove(step.path),
  }),
  "move-folder": defineStep<MoveFolderStep, HostAccess>("move-folder", {
    describe: (step) => `name the folder ${step.path}`,
    apply: async (step, { effects }, { remember }) => {
      await remember((await identityOf(step.from)) ?? "");
      await effects.rename(step.from, step.path);
    },
    undo: async (step, { effects }, { made }) => {
      // Another folder of that name is foreign.
      if (made !== undefined && made === (await identityOf(step.path)))
        await effects.rename(step.path, step.from);
    },
  }),
};
