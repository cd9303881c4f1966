import { copyDisk, createEmpty, createOverlay } from "../../image/index.ts";
import type { ImageFormat } from "../../image/index.ts";
import { defineStep } from "../../lib/journal.ts";
import type { StepKinds } from "../../lib/journal.ts";
import type { HostWorld } from "../world.ts";

/** Makes the differences to a base. */
export interface MakeOverlayStep {
  readonly kind: "make-overlay";
  readonly path: string;
  readonly base: string;
  readonly baseFormat: ImageFormat;
  /** The base's size unless told. */
  readonly sizeBytes?: number;
}

/** Copies a base, or a file that a VM boots from. */
export interface CopyFileStep {
  readonly kind: "copy-file";
  readonly from: string;
  readonly path: string;
}

/** Makes an empty disk. */
export interface MakeEmptyStep {
  readonly kind: "make-empty";
  readonly path: string;
  readonly format: "qcow2" | "raw";
  readonly sizeBytes: number;
}

/** Writes a file of a VM; it may hold secrets. */
export interface WriteFileStep {
  readonly kind: "write-file";
  readonly path: string;
  readonly base64: string;
  /** Readable by root alone unless told. */
  readonly mode?: number;
}

/** Removes a file of a VM for good. */
export interface RemoveFileStep {
  readonly kind: "remove-file";
  readonly path: string;
}

/** Steps that make and remove the files of VMs. */
export type DiskStep =
  MakeOverlayStep | CopyFileStep | MakeEmptyStep | WriteFileStep | RemoveFileStep;

/** Takes back what made a file that was not there before. */
function removeMade(step: { readonly path: string }, world: HostWorld): Promise<void> {
  return world.effects.remove(step.path);
}

/** How each of these steps is done and taken back. */
export const diskSteps: StepKinds<HostWorld> & Readonly<Record<DiskStep["kind"], unknown>> = {
  "make-overlay": defineStep<MakeOverlayStep, HostWorld>("make-overlay", {
    describe: (step) => `make ${step.path}, an overlay on ${step.base}`,
    apply: (step, { context, effects }) =>
      effects.perform(`overlay ${step.path}`, () => createOverlay(step, context)),
    undo: removeMade,
  }),
  "copy-file": defineStep<CopyFileStep, HostWorld>("copy-file", {
    describe: (step) => `make ${step.path}, a copy of ${step.from}`,
    apply: async (step, { context, effects }) => {
      await effects.perform(`copy ${step.path}`, () =>
        copyDisk({ from: step.from, to: step.path }, context),
      );
    },
    undo: removeMade,
  }),
  "make-empty": defineStep<MakeEmptyStep, HostWorld>("make-empty", {
    describe: (step) => `make ${step.path}, empty, ${step.sizeBytes} bytes`,
    apply: (step, { context, effects }) =>
      effects.perform(`empty ${step.path}`, () => createEmpty(step, context)),
    undo: removeMade,
  }),
  "write-file": defineStep<WriteFileStep, HostWorld>("write-file", {
    describe: (step) => `write ${step.path}`,
    apply: (step, { effects }) =>
      effects.writeFile(step.path, Buffer.from(step.base64, "base64"), step.mode ?? 0o600),
    undo: removeMade,
  }),
  "remove-file": defineStep<RemoveFileStep, HostWorld>("remove-file", {
    describe: (step) => `remove ${step.path}`,
    apply: (step, { effects }) => effects.remove(step.path),
    undo: () => Promise.reject(new TypeError("files are removed behind the commit point only")),
  }),
};
