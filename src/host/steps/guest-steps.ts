import { setTimeout as sleep } from "node:timers/promises";
import { virshHint } from "../access/virsh-hint.ts";
import { ApplianceError } from "../../errors.ts";
import { growDisk, readDiskFacts } from "../../image/index.ts";
import { formatSize } from "../../lib/format-size.ts";
import { throwIfInterrupted } from "../../lib/interrupt.ts";
import { defineStep, type StepKinds } from "../../lib/journal/journal.ts";
import { requireHealth, type VerifyStep } from "./health.ts";
import type { HostAccess } from "../access/host-access.ts";

/** Asks the guest to shut down, and waits until it has. */
export interface ShutDownStep {
  readonly kind: "shut-down";
  readonly vm: string;
  readonly timeoutSeconds: number;
}

/** Enlarges a disk of a running or stopped VM; does nothing if it is already large enough. */
export interface GrowDiskStep {
  readonly kind: "grow-disk";
  readonly vm: string;
  /** Device name. */
  readonly target: string;
  readonly path: string;
  readonly format: "qcow2" | "raw";
  readonly sizeBytes: number;
}

/** Steps that affect the guest in a VM. */
export type GuestStep = ShutDownStep | VerifyStep | GrowDiskStep;

const POLL_MS = 250;
/** Time to wait for a guest to shut down during undo. */
const UNDO_SECONDS = 10;

/** Returns whether a VM was off in time. */
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

/** Gives the guest some seconds to shut down, because data disks are attached. It may not react, or not be up. */
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

/** How each of these steps is applied and undone. */
export const guestSteps: StepKinds<HostAccess> & Readonly<Record<GuestStep["kind"], unknown>> = {
  "shut-down": defineStep<ShutDownStep, HostAccess>("shut-down", {
    describe: (step) => `shut ${step.vm} down, waiting at most ${step.timeoutSeconds} s`,
    apply: shutDown,
    undo: async (step, access) => {
      // A shutdown request cannot be cancelled: the VM is started again only after it was off.
      await isOffWithin(access, step.vm, Math.min(step.timeoutSeconds, UNDO_SECONDS));
      await access.libvirt.startDomain(step.vm);
    },
  }),
  verify: defineStep<VerifyStep, HostAccess>("verify", {
    describe: (step) =>
      `wait at most ${step.verification.timeoutSeconds} s until ${step.vm} passes its check, else roll back`,
    apply: requireHealth,
    // Its start is undone next, which forces it off.
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
    // The content is kept, whatever the size, and disks are never shrunk.
    undo: () => Promise.resolve(),
  }),
};
