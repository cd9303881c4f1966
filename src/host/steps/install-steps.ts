import { chmod, chown, lstat, rename, rmdir } from "node:fs/promises";
import { copyDisk } from "../../image/index.ts";
import { defineStep } from "../../lib/journal.ts";
import type { StepKinds } from "../../lib/journal.ts";
import type { HostWorld } from "../world.ts";

/** Makes a folder, and those above it. */
export interface MakeFolderStep {
  readonly kind: "make-folder";
  readonly path: string;
}

/** Moves a staged file to its place, or copies it when that is not possible. */
export interface PlaceFileStep {
  readonly kind: "place-file";
  readonly from: string;
  readonly path: string;
  readonly mode: number;
}

/** Steps that put an appliance into payload folder and catalogue. */
export type InstallStep = MakeFolderStep | PlaceFileStep;

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

async function place(step: PlaceFileStep, { context }: HostWorld): Promise<void> {
  const { from, path, mode } = step;
  // A link leads to a file of the source, which stays where it is.
  const canMove = !(await lstat(from)).isSymbolicLink();
  const moved =
    canMove &&
    (await rename(from, path).then(
      () => true,
      (error: unknown) => {
        if (hasCode(error, "EXDEV")) return false;
        throw error;
      },
    ));
  if (!moved) await copyDisk({ from, to: path }, context);
  if (process.getuid?.() === 0) await chown(path, 0, 0);
  await chmod(path, mode);
}

/** How each of these steps is done and taken back. */
export const installSteps: StepKinds<HostWorld> & Readonly<Record<InstallStep["kind"], unknown>> = {
  "make-folder": defineStep<MakeFolderStep, HostWorld>("make-folder", {
    describe: (step) => `make the folder ${step.path}`,
    apply: (step, { effects }) => effects.makeFolder(step.path),
    undo: (step, { effects }) =>
      effects.perform(`rmdir ${step.path}`, async () => {
        await rmdir(step.path).catch((error: unknown) => {
          // Others put something into it, or it is gone already.
          if (!hasCode(error, "ENOTEMPTY", "EEXIST", "ENOENT")) throw error;
        });
      }),
  }),
  "place-file": defineStep<PlaceFileStep, HostWorld>("place-file", {
    describe: (step) => `place ${step.path}`,
    apply: (step, world) => world.effects.perform(`place ${step.path}`, () => place(step, world)),
    undo: (step, { effects }) => effects.remove(step.path),
  }),
};
