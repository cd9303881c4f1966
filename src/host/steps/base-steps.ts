import { lstat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { defineStep } from "../../lib/journal.ts";
import type { StepKinds } from "../../lib/journal.ts";
import { baseRecordFile } from "../base-record.ts";
import { scanUses } from "../gc/scan-uses.ts";
import { listPoolBases } from "../gc/pool-bases.ts";
import type { WatchedBase } from "../gc/image-walk.ts";
import type { HostAccess } from "../host-access.ts";

/** Hides a base that seems unused, so that nothing new can come to use it. */
export interface SetBaseAsideStep {
  readonly kind: "set-base-aside";
  readonly path: string;
  /** Which file it is: another one of this name is left alone. */
  readonly inode: number;
  readonly device: number;
  /** Text of its record, which is written again when the base comes back. */
  readonly record: string;
}

/** Looks once more whether bases that are set aside came into use before they were. */
export interface ConfirmUnusedStep {
  readonly kind: "confirm-unused";
  readonly uri: string;
  readonly bases: readonly WatchedBase[];
}

/** Steps that take bases away. */
export type BaseStep = SetBaseAsideStep | ConfirmUnusedStep;

/** Returns where a base waits for its end: hidden from `reconcile` and `create`, on the same file system. */
export function asideFile(base: string): string {
  return path.join(path.dirname(base), `.${path.basename(base)}.unused`);
}

function inUse(file: string, details: readonly string[]): ApplianceError {
  return new ApplianceError(
    "HOST_BASE_IN_USE",
    `${file}: came into use while it was being removed`,
    {
      details,
      hint: "it is kept; run gc again",
    },
  );
}

async function setAside(step: SetBaseAsideStep, { effects }: HostAccess): Promise<void> {
  const stats = await lstat(step.path).catch(() => undefined);
  if (stats?.ino !== step.inode || stats.dev !== step.device)
    throw inUse(step.path, ["it was replaced by another file"]);
  await effects.rename(step.path, asideFile(step.path));
}

async function bringBack(step: SetBaseAsideStep, { effects, paths }: HostAccess): Promise<void> {
  const aside = asideFile(step.path);
  const isThere = async (file: string): Promise<boolean> =>
    (await lstat(file).catch(() => undefined)) !== undefined;
  if (!(await isThere(aside))) return;
  // A package that came meanwhile may have brought it anew.
  if (await isThere(step.path)) return effects.remove(aside);
  const record = baseRecordFile(paths, path.basename(step.path));
  if (!(await isThere(record))) await effects.writeFile(record, step.record);
  await effects.rename(aside, step.path);
}

async function confirm(step: ConfirmUnusedStep, access: HostAccess): Promise<void> {
  const files = step.bases.map(({ file }) => file);
  // The others tell what something is about that cannot be looked at.
  const others = (await listPoolBases(access.paths)).filter(({ file }) => !files.includes(file));
  const found = await scanUses(access, step.uri, [...step.bases, ...others]);
  const details = [...found.users]
    .filter(([file]) => files.includes(file))
    .flatMap(([file, names]) => names.map((name) => `${file}: ${name}`));
  // What is in doubt now, and was not before, is not removed either.
  const doubts = found.obstacles.filter(
    ({ bases }) => bases === "all" || files.some((file) => bases.includes(file)),
  );
  const [first] = files.filter((file) => found.users.has(file)).concat(files);
  if (first !== undefined && details.length + doubts.length > 0)
    throw inUse(first, [...details, ...doubts.map(({ what }) => what)]);
}

/** How each of these steps is done and taken back. */
export const baseSteps: StepKinds<HostAccess> & Readonly<Record<BaseStep["kind"], unknown>> = {
  "set-base-aside": defineStep<SetBaseAsideStep, HostAccess>("set-base-aside", {
    describe: (step) => `set ${step.path} aside`,
    apply: setAside,
    undo: bringBack,
  }),
  "confirm-unused": defineStep<ConfirmUnusedStep, HostAccess>("confirm-unused", {
    describe: () => "check again that nothing uses the files that were set aside",
    apply: confirm,
    undo: () => Promise.resolve(),
  }),
};
