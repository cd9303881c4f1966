import { chmod, chown, lstat, rename, rmdir } from "node:fs/promises";
import { copyDisk } from "../../image/index.ts";
import { syncFile } from "../../lib/atomic.ts";
import { defineStep, type StepKinds } from "../../lib/journal/journal.ts";
import type { HostAccess } from "../access/host-access.ts";
import { makeNew, removeNew } from "./make-new.ts";

/** Creates a folder that did not exist during planning. */
export interface MakeFolderStep {
  readonly kind: "make-folder";
  readonly path: string;
}

/** Moves a staged file to its target, or copies it if that is not possible. */
export interface PlaceFileStep {
  readonly kind: "place-file";
  readonly from: string;
  readonly path: string;
  readonly mode: number;
}

/** Hides a file or folder before its removal, so that it can be restored. */
export interface SetAsideStep {
  readonly kind: "set-aside";
  readonly from: string;
  readonly path: string;
}

/** Removes a folder if it is empty. */
export interface RemoveEmptyFolderStep {
  readonly kind: "remove-empty-folder";
  readonly path: string;
}

/** Steps that install and uninstall an appliance in payload folder and catalogue. */
export type InstallStep = MakeFolderStep | PlaceFileStep | SetAsideStep | RemoveEmptyFolderStep;

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

async function place(
  { from, mode }: PlaceFileStep,
  path: string,
  { context }: HostAccess,
): Promise<void> {
  // A link points to a file of the source, which must not be moved.
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
  // The staged file may not be synced.
  await syncFile(path);
}

function removeEmpty(step: { readonly path: string }, { effects }: HostAccess): Promise<void> {
  return effects.perform(`rmdir ${step.path}`, async () => {
    await rmdir(step.path).catch((error: unknown) => {
      // It is not empty, or already removed.
      if (!hasCode(error, "ENOTEMPTY", "EEXIST", "ENOENT")) throw error;
    });
  });
}

async function bringBack(step: SetAsideStep, { effects }: HostAccess): Promise<void> {
  const isThere = async (file: string): Promise<boolean> =>
    (await lstat(file).catch(() => undefined)) !== undefined;
  if (!(await isThere(step.path))) return;
  // A package may have installed it again in the meantime.
  if (await isThere(step.from)) await effects.remove(step.path);
  else await effects.rename(step.path, step.from);
}

/** How each of these steps is applied and undone. */
export const installSteps: StepKinds<HostAccess> & Readonly<Record<InstallStep["kind"], unknown>> =
  {
    "make-folder": defineStep<MakeFolderStep, HostAccess>("make-folder", {
      describe: (step) => `create the folder ${step.path}`,
      apply: (step, { effects }) => effects.makeFolder(step.path),
      undo: removeEmpty,
    }),
    "place-file": defineStep<PlaceFileStep, HostAccess>("place-file", {
      describe: (step) => `place ${step.path}`,
      apply: (step, access, notes) =>
        makeNew(step.path, { access, notes }, (file) =>
          access.effects.perform(`place ${step.path}`, () => place(step, file, access)),
        ),
      undo: (step, access, notes) => removeNew(step.path, access, notes),
    }),
    "set-aside": defineStep<SetAsideStep, HostAccess>("set-aside", {
      describe: (step) => `set ${step.from} aside`,
      apply: (step, { effects }) => effects.rename(step.from, step.path),
      undo: bringBack,
    }),
    "remove-empty-folder": defineStep<RemoveEmptyFolderStep, HostAccess>("remove-empty-folder", {
      describe: (step) => `remove ${step.path} if it is empty`,
      apply: removeEmpty,
      undo: () => Promise.reject(new TypeError("folders are removed only after the commit point")),
    }),
  };
