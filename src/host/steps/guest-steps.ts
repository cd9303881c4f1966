import { setTimeout as sleep } from "node:timers/promises";
import { virshHint } from "../virsh-hint.ts";
import { ApplianceError } from "../../errors.ts";
import { growDisk, readDiskFacts } from "../../image/index.ts";
import { formatSize } from "../../lib/format-size.ts";
import { throwIfInterrupted } from "../../lib/interrupt.ts";
import { defineStep } from "../../lib/journal.ts";
import type { StepKinds } from "../../lib/journal.ts";
import { requireHealth } from "../update/health.ts";
import type { VerifyStep } from "../update/health.ts";
import type { HostAccess } from "../host-access.ts";

/** Asks the system inside a VM to shut down, and waits until it has. */
export interface ShutDownStep {
  readonly kind: "shut-down";
  readonly vm: string;
  readonly timeoutSeconds: number;
}

/** Makes a disk larger, whether its VM runs or not; one that is as large already stays. */
export interface GrowDiskStep {
  readonly kind: "grow-disk";
  readonly vm: string;
  /** Device name. */
  readonly target: string;
  readonly path: string;
  readonly format: "qcow2" | "raw";
  readonly sizeBytes: number;
}

/** Steps that have to do with what runs in a VM. */
export type GuestStep = ShutDownStep | VerifyStep | GrowDiskStep;

const POLL_MS = 250;
/** How long to wait for a system that was asked to shut down, before it is left alone. */
const UNDO_SECONDS = 10;

/** Returns whether a VM was off before the time was over. */
async function isOffWithin(access: HostAccess, vm: string, seconds: number): Promise<boolean> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    throwIfInterrupted(access.context.signal, vm);
    if (!(await access.libvirt.domainFacts(vm)).isActive) return true;
    if (waitedMs >= seconds * 1000) return false;
    await sleep(POLL_MS);
  }
}

async function shutDown(step: ShutDownStep, access: HostAccess): Promise<void> {
  const { vm, timeoutSeconds } = step;
  if (!(await access.libvirt.domainFacts(vm)).isActive) return;
  await access.libvirt.shutdownDomain(vm);
  const task = access.context.progress.start(`waiting for ${vm} to shut down`);
  try {
    if (await isOffWithin(access, vm, timeoutSeconds)) return;
  } finally {
    task.done();
  }
  const xml = await access.libvirt.dumpXml(vm).catch(() => undefined);
  const command = virshHint("destroy", { vm, xml });
  throw new ApplianceError(
    "HOST_STILL_RUNNING",
    `${vm}: did not shut down within ${timeoutSeconds} s`,
    { hint: `shut it down yourself, or force it off with ${command}` },
  );
}

/** Gives the system inside some seconds to end by itself: data disks are attached. It may not react, or not be up. */
async function askToShutDown(vm: string, access: HostAccess): Promise<void> {
  try {
    if (!(await access.libvirt.domainFacts(vm)).isActive) return;
    await access.libvirt.shutdownDomain(vm);
  } catch (error) {
    if (error instanceof ApplianceError && error.code === "LIBVIRT_FAILED") return;
    throw error;
  }
  const task = access.context.progress.start(`waiting for ${vm} to shut down`);
  try {
    await isOffWithin(access, vm, UNDO_SECONDS);
  } finally {
    task.done();
  }
}

/** How each of these steps is done and taken back. */
export const guestSteps: StepKinds<HostAccess> & Readonly<Record<GuestStep["kind"], unknown>> = {
  "shut-down": defineStep<ShutDownStep, HostAccess>("shut-down", {
    describe: (step) => `shut ${step.vm} down, waiting at most ${step.timeoutSeconds} s`,
    apply: shutDown,
    undo: async (step, access) => {
      // It cannot be asked not to: it goes on only when it was down for a moment.
      await isOffWithin(access, step.vm, Math.min(step.timeoutSeconds, UNDO_SECONDS));
      await access.libvirt.startDomain(step.vm);
    },
  }),
  verify: defineStep<VerifyStep, HostAccess>("verify", {
    describe: (step) =>
      `wait at most ${step.verification.timeoutSeconds} s until ${step.vm} passes its check, else roll back`,
    apply: requireHealth,
    // Its start is undone next, which cuts the power.
    undo: (step, access) => askToShutDown(step.vm, access),
  }),
  "grow-disk": defineStep<GrowDiskStep, HostAccess>("grow-disk", {
    describe: (step) => `grow ${step.path} to ${formatSize(step.sizeBytes)}`,
    apply: async (step, { libvirt, context, effects }) => {
      const { virtualSizeBytes } = await readDiskFacts(step.path, step.format);
      if (virtualSizeBytes >= step.sizeBytes) return;
      const { isActive } = await libvirt.domainFacts(step.vm);
      if (isActive) await libvirt.resizeDisk(step.vm, step.target, step.sizeBytes);
      else await effects.perform(`grow ${step.path}`, () => growDisk(step, context));
    },
    // What was on the disk is there, whatever its size; and nothing is ever made smaller.
    undo: () => Promise.resolve(),
  }),
};
