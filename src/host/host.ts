import path from "node:path";
import { ApplianceError } from "../errors.ts";
import { removeStaleFolders } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import type { EffectHook } from "../lib/journal/effects.ts";
import { describeSteps, type Journal, openJournal, type Recovery } from "../lib/journal/journal.ts";
import { type Lock, takeLock } from "../lib/lock.ts";
import { type Libvirt, openLibvirt } from "../libvirt/index.ts";
import { type HostAccess, openHostAccess } from "./access/host-access.ts";
import { readTrace, readTracedVm, removeTrace, traceFile, writeTrace } from "./machine/trace.ts";
import {
  catalogueLockFile,
  hostPaths,
  type HostPaths,
  journalDir,
  lockFileOf,
} from "./access/paths.ts";
import { type HostSettings, readSettings } from "./access/settings.ts";
import { type HostOperation, type HostStep, hostSteps } from "./steps/host-steps.ts";

const SYSTEM_URI = "qemu:///system";

/** A KVM host, ready for queries and changes. */
export interface Host extends HostAccess {
  /** Connection of virsh and virt-install. */
  readonly uri: string;
  readonly settings: HostSettings;
  readonly journal: Journal;
  /** The same host, for undoing and completing operations: Ctrl-C does not interrupt it. */
  readonly uninterruptible: HostAccess;
}

/** Options for opening a host. Tests use another root, another libvirt, and a hook on every change. */
export interface HostOptions {
  readonly paths?: HostPaths;
  /** Connection URI. Default: that of the settings, else the system's. */
  readonly uri?: string | undefined;
  readonly openLibvirt?: (context: Context) => Libvirt;
  readonly hook?: EffectHook;
}

/** Opens the local host. Does not connect to libvirt, and changes nothing. */
export async function openHost(context: Context, options: HostOptions = {}): Promise<Host> {
  const places = options.paths ?? hostPaths();
  const settings = await readSettings(places);
  const uri = options.uri ?? settings.libvirtUri ?? SYSTEM_URI;
  const paths = settings.baseDir === undefined ? places : { ...places, baseDir: settings.baseDir };
  const { interruptible, uninterruptible } = openHostAccess(context, {
    paths,
    openLibvirt: options.openLibvirt ?? ((each) => openLibvirt(each, { uri })),
    hook: options.hook ?? {},
  });
  const journal = openJournal({
    folder: journalDir(paths),
    effects: interruptible.effects,
    now: context.now,
  });
  return { ...interruptible, uninterruptible, uri, settings, journal };
}

/**
 * Takes the lock on a VM, until it is disposed of. Reports that it waits; Ctrl-C ends the wait.
 *
 * @param options.waitSeconds  default: an hour
 */
export async function lockVm(
  host: Host,
  vm: string,
  options: { readonly purpose: string; readonly waitSeconds?: number },
): Promise<Lock> {
  const { waitSeconds = 3600 } = options;
  const purpose = `${options.purpose} ${vm}`;
  return takeLock(lockFileOf(host.paths, vm), { purpose, waitSeconds }, host.context);
}

/** Takes the lock on catalogue, pool and bases, which `reconcile` also takes. */
export async function lockCatalogue(host: Host, purpose: string): Promise<Lock> {
  return takeLock(catalogueLockFile(host.paths), { purpose, waitSeconds: 3600 }, host.context);
}

/** Carries out an operation completely or not at all. The caller holds the lock on its subject. */
export async function applyOperation(host: Host, operation: HostOperation): Promise<void> {
  const { verb, subject, steps, commitAfter } = operation;
  const targets = { apply: host, undo: host.uninterruptible };
  await host.journal.run({ verb, subject, steps, commitAfter }, hostSteps, targets);
  await keepTrace(host, steps);
}

/** Updates the trace of a VM's files, which is used when its domain no longer exists; removes it with the VM. */
async function keepTrace({ paths, effects }: Host, steps: readonly HostStep[]): Promise<void> {
  const last = steps.findLast(({ kind }) => kind === "define-domain" || kind === "undefine-domain");
  if (last?.kind === "undefine-domain") await removeTrace(paths, effects, last.xml);
  if (last?.kind !== "define-domain") return;
  const vm = readTracedVm(last.xml);
  if (vm === undefined) return;
  await writeTrace({ paths, effects }, vm, await readTrace(traceFile(paths, vm.uuid)));
}

/** Describes the steps of an operation, one line each. */
export function describeOperation(steps: readonly HostStep[]): readonly string[] {
  return describeSteps(steps, hostSteps);
}

/** Returns the outcome of an operation; undefined if it ended by itself. */
async function recoverOne(
  host: Host,
  { id, subject }: { readonly id: string; readonly subject: string },
): Promise<Recovery | undefined> {
  await using lock = await lockVm(host, subject, { purpose: "recovery", waitSeconds: 0 });
  // It may have ended while the lock was taken.
  const record = (await host.journal.pending()).find((each) => each.id === id);
  if (record === undefined || !lock.held) return undefined;
  return await host.journal.recover(record, hostSteps, host.uninterruptible);
}

/**
 * Completes or undoes operations that a kill or a power cut interrupted, and removes their prepared files. Ignores
 * running operations. Reports each operation, and those that could be neither completed nor undone, which remain in the
 * journal.
 *
 * @returns subjects of operations that could be neither completed nor undone; the journal file if it has no subject
 */
export async function recoverInterrupted(host: Host): Promise<readonly string[]> {
  const { logger, temporaryFolder } = host.context;
  const left: string[] = [];
  for (const { id, subject, verb } of await host.journal.pending()) {
    try {
      const outcome = await recoverOne(host, { id, subject });
      if (outcome !== undefined) logger.warn(`${subject}: an interrupted ${verb} was ${outcome}`);
    } catch (error) {
      if (!(error instanceof ApplianceError)) throw error;
      if (error.code === "LIB_LOCKED") continue;
      left.push(subject);
      logger.warn(`${subject}: an interrupted ${verb} is still pending: ${error.message}`);
    }
  }
  for (const { file, subject, error } of await host.journal.unreadable()) {
    left.push(subject ?? file);
    logger.warn(error.message);
  }
  // Prepared files are not in the journal, and can be whole disks.
  for (const folder of [temporaryFolder, path.dirname(host.paths.payloadDir)])
    await removeStaleFolders(folder);
  return left;
}

/**
 * Recovers interrupted operations, and locks a VM for a change.
 *
 * @throws ApplianceError `HOST_INTERRUPTED` if an operation on this VM could be neither completed nor undone;
 *   `LIB_JOURNAL_UNKNOWN` if the journal has an unreadable entry that may concern this VM
 */
export async function beginOnVm(host: Host, vm: string, purpose: string): Promise<Lock> {
  await recoverInterrupted(host);
  const lock = await lockVm(host, vm, { purpose });
  try {
    for (const { subject, error } of await host.journal.unreadable())
      if (subject === undefined || subject === vm) throw error;
    if (!(await host.journal.pending()).some((record) => record.subject === vm)) return lock;
    throw new ApplianceError("HOST_INTERRUPTED", `${vm}: an earlier operation is incomplete`, {
      hint: "virt-appliance doctor reports why",
    });
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}
