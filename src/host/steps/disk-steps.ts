import { copyDisk, createEmpty, createOverlay } from "../../image/index.ts";
import type { DiskFormat } from "../../appliance/index.ts";
import { formatSize } from "../../lib/format-size.ts";
import { defineStep, type StepKinds } from "../../lib/journal/journal.ts";
import type { HostAccess } from "../access/host-access.ts";
import { makeNew, removeNew } from "./make-new.ts";

/** Creates an overlay on a base. */
export interface MakeOverlayStep {
  readonly kind: "make-overlay";
  readonly path: string;
  readonly base: string;
  readonly baseFormat: DiskFormat;
  /** Default: the base's size. */
  readonly sizeBytes?: number;
}

/** Copies a base or a boot file of a VM. */
export interface CopyFileStep {
  readonly kind: "copy-file";
  readonly from: string;
  readonly path: string;
}

/** Creates an empty disk. */
export interface MakeEmptyStep {
  readonly kind: "make-empty";
  readonly path: string;
  readonly format: "qcow2" | "raw";
  readonly sizeBytes: number;
}

/** Writes a file of a VM, which may contain secrets. */
export interface WriteFileStep {
  readonly kind: "write-file";
  readonly path: string;
  readonly base64: string;
  /** Default: only root can read it. */
  readonly mode?: number;
}

/** Permanently removes a file of a VM. */
export interface RemoveFileStep {
  readonly kind: "remove-file";
  readonly path: string;
}

/** Steps that create and remove the files of VMs. */
export type DiskStep =
  MakeOverlayStep | CopyFileStep | MakeEmptyStep | WriteFileStep | RemoveFileStep;

/**
 * Returns whether a file is below the state folder: only virt-appliance keeps files there, so leftovers of an earlier
 * operation are replaced.
 */
function isOurs({ path: file }: WriteFileStep, { paths }: HostAccess): boolean {
  return file.startsWith(`${paths.stateDir}/`);
}

/** How each of these steps is applied and undone. A step that creates a file never replaces another one. */
export const diskSteps: StepKinds<HostAccess> & Readonly<Record<DiskStep["kind"], unknown>> = {
  "make-overlay": defineStep<MakeOverlayStep, HostAccess>("make-overlay", {
    describe: (step) => `create ${step.path}, an overlay on ${step.base}`,
    apply: (step, access, notes) =>
      makeNew(step.path, { access, notes }, (file) =>
        access.effects.perform(`overlay ${step.path}`, () =>
          createOverlay({ ...step, path: file }, access.context),
        ),
      ),
    undo: (step, access, notes) => removeNew(step.path, access, notes),
  }),
  "copy-file": defineStep<CopyFileStep, HostAccess>("copy-file", {
    describe: (step) => `create ${step.path}, a copy of ${step.from}`,
    apply: (step, access, notes) =>
      makeNew(step.path, { access, notes }, async (file) => {
        await access.effects.perform(`copy ${step.path}`, () =>
          copyDisk({ from: step.from, to: file }, access.context),
        );
      }),
    undo: (step, access, notes) => removeNew(step.path, access, notes),
  }),
  "make-empty": defineStep<MakeEmptyStep, HostAccess>("make-empty", {
    describe: (step) => `create ${step.path}, empty, ${formatSize(step.sizeBytes)}`,
    apply: (step, access, notes) =>
      makeNew(step.path, { access, notes }, (file) =>
        access.effects.perform(`empty ${step.path}`, () =>
          createEmpty({ ...step, path: file }, access.context),
        ),
      ),
    undo: (step, access, notes) => removeNew(step.path, access, notes),
  }),
  "write-file": defineStep<WriteFileStep, HostAccess>("write-file", {
    describe: (step) => `write ${step.path}`,
    apply: async (step, access, notes) => {
      const write = (file: string): Promise<void> =>
        access.effects.writeFile(file, Buffer.from(step.base64, "base64"), step.mode ?? 0o600);
      if (isOurs(step, access)) await write(step.path);
      else await makeNew(step.path, { access, notes }, write);
    },
    undo: (step, access, notes) =>
      isOurs(step, access) ? access.effects.remove(step.path) : removeNew(step.path, access, notes),
  }),
  "remove-file": defineStep<RemoveFileStep, HostAccess>("remove-file", {
    describe: (step) => `remove ${step.path}`,
    apply: (step, { effects }) => effects.remove(step.path),
    undo: () => Promise.reject(new TypeError("files are removed only after the commit point")),
  }),
};
