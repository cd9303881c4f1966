import { stat, utimes } from "node:fs/promises";
import { ApplianceError } from "../../errors.ts";
import { baseRecordFile } from "../base-record.ts";
import { applyOperation, beginOnVm, lockCatalogue } from "../host.ts";
import type { Host } from "../host.ts";
import { listPoolBases } from "./pool-bases.ts";
import { GC_SUBJECT, planGc } from "./plan-gc.ts";
import type { GcPlan } from "./plan-gc.ts";
import { scanUses } from "./scan-uses.ts";

/** How often it is looked again when a base came into use meanwhile. */
const TRIES = 3;
/** A record says when a base was last seen in use; this exactly. */
const SEEN_EVERY_MS = 60 * 60 * 1000;

/** What an administrator asks of `gc`. */
export interface GcRequest {
  /** How long a base must have been unused. */
  readonly graceMs: number;
}

/**
 * Decides about every base, and changes nothing.
 *
 * @throws ApplianceError `LIB_IO` when the folder of bases cannot be read
 */
export async function prepareGc(host: Host, request: GcRequest): Promise<GcPlan> {
  const { paths, uri, context } = host;
  const bases = await listPoolBases(paths);
  const uses = await scanUses(host, uri, bases);
  const state = { bases, uses, now: context.now(), uri };
  return planGc(state, { graceMs: request.graceMs, paths });
}

/** Writes down that bases were in use just now: from this on, the time of grace counts. */
async function noteSeen(host: Host, plan: GcPlan): Promise<void> {
  const now = host.context.now();
  for (const { file } of plan.kept.filter(({ state }) => state === "used")) {
    const record = baseRecordFile(host.paths, file);
    const stats = await stat(record).catch(() => undefined);
    if (stats === undefined || now.getTime() - stats.mtimeMs < SEEN_EVERY_MS) continue;
    await host.effects.perform(`touch ${record}`, () => utimes(record, now, now));
  }
}

/** Makes the pool of bases list what is there; a failure is none of the removal. */
async function refreshPool(host: Host): Promise<void> {
  try {
    const pools = await host.libvirt.listPools();
    for (const { name, isActive, targetPath } of pools)
      if (isActive && targetPath === host.paths.baseDir) await host.libvirt.refreshPool(name);
  } catch (error) {
    if (!(error instanceof ApplianceError)) throw error;
    host.context.logger.warn(error.message);
  }
}

/**
 * Removes bases that nothing needs. It holds the lock on the catalogue, so that nothing is unpacked meanwhile; who takes
 * no lock of ours, such as virt-install, is met by hiding the bases first, looking once more, and then removing them.
 *
 * @throws ApplianceError `HOST_BASE_IN_USE` when bases come into use again and again
 */
export async function collectGarbage(host: Host, request: GcRequest): Promise<GcPlan> {
  await using _gc = await beginOnVm(host, GC_SUBJECT, "gc");
  // The lock would keep a transaction waiting: it is taken only when there is something to remove.
  const first = await prepareGc(host, request);
  await noteSeen(host, first);
  if (first.unused.length === 0) return first;
  await using _catalogue = await lockCatalogue(host, "gc");
  for (let tries = 1; ; tries += 1) {
    const plan = await prepareGc(host, request);
    if (plan.unused.length === 0) return plan;
    try {
      await applyOperation(host, plan.operation);
    } catch (error) {
      const isUsed = error instanceof ApplianceError && error.code === "HOST_BASE_IN_USE";
      if (!isUsed || tries === TRIES) throw error;
      continue;
    }
    await refreshPool(host);
    return plan;
  }
}
