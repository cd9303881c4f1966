import { lstat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { defineStep, type StepKinds } from "../../lib/journal/journal.ts";
import { baseRecordFile } from "../catalogue/base-record.ts";
import { scanUses } from "../uses/scan-uses.ts";
import { listPoolBases } from "../uses/pool-bases.ts";
import type { WatchedBase } from "../uses/image-walk.ts";
import type { HostAccess } from "../access/host-access.ts";

/** Hides a base that seems unused, so that no new user can appear. */
export interface SetBaseAsideStep {
  readonly kind: "set-base-aside";
  readonly path: string;
  /** Identity of the file: another file with this name is ignored. */
  readonly inode: number;
  readonly device: number;
  /** Text of its record, which is restored with the base. */
  readonly record: string;
}

/** Checks again whether bases came into use before they were set aside. */
export interface ConfirmUnusedStep {
  readonly kind: "confirm-unused";
  readonly uri: string;
  readonly bases: readonly WatchedBase[];
}

/** Steps that remove bases. */
export type BaseStep = SetBaseAsideStep | ConfirmUnusedStep;

/**
 * Returns the hidden name of a base before its removal, which `reconcile` and `create` ignore, on the same file system.
 */
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
  // A package that was installed meanwhile may have unpacked it again.
  if (await isThere(step.path)) return effects.remove(aside);
  const record = baseRecordFile(paths, path.basename(step.path));
  if (!(await isThere(record))) await effects.writeFile(record, step.record);
  await effects.rename(aside, step.path);
}

async function confirm(step: ConfirmUnusedStep, access: HostAccess): Promise<void> {
  const files = step.bases.map(({ file }) => file);
  // The other bases help to identify what an unreadable file may need.
  const others = (await listPoolBases(access.paths)).filter(({ file }) => !files.includes(file));
  const found = await scanUses(access, step.uri, [...step.bases, ...others]);
  const details = [...found.users]
    .filter(([file]) => files.includes(file))
    .flatMap(([file, names]) => names.map((name) => `${file}: ${name}`));
  // A base with a new obstacle is not removed either.
  const doubts = found.obstacles.filter(
    ({ bases }) => bases === "all" || files.some((file) => bases.includes(file)),
  );
  const [first] = files.filter((file) => found.users.has(file)).concat(files);
  if (first !== undefined && details.length + doubts.length > 0)
    throw inUse(first, [...details, ...doubts.map(({ what }) => what)]);
}

/** How each of these steps is applied and undone. */
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
