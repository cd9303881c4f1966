import { flattenImage } from "../../image/index.ts";
import { defineStep } from "../../lib/journal.ts";
import type { StepKinds } from "../../lib/journal.ts";
import type { HostAccess } from "../host-access.ts";
import { identityOf } from "./make-new.ts";

/** Writes a disk with all that it rests on into one image. */
export interface FlattenDiskStep {
  readonly kind: "flatten-disk";
  readonly from: string;
  readonly format: "qcow2" | "raw";
  readonly path: string;
}

/** Gives a folder its name, once all is in it; an empty one of that name is replaced. */
export interface MoveFolderStep {
  readonly kind: "move-folder";
  readonly from: string;
  readonly path: string;
}

/** Steps that write a VM into a folder. */
export type ExportStep = FlattenDiskStep | MoveFolderStep;

/** How each of these steps is done and taken back. */
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
      // What else has that name is not ours.
      if (made !== undefined && made === (await identityOf(step.path)))
        await effects.rename(step.path, step.from);
    },
  }),
};
