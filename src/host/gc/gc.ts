import { stat, utimes } from "node:fs/promises";
import { ApplianceError } from "../../errors.ts";
import { refreshPools } from "../access/refresh-pools.ts";
import { baseRecordFile } from "../catalogue/base-record.ts";
import { applyOperation } from "../operation/apply-operation.ts";
import { beginOnVm } from "../operation/begin-on-vm.ts";
import type { LocalHost } from "../access/local-host.ts";
import { lockCatalogue } from "../operation/locks.ts";
import { listPoolBases } from "../uses/pool-bases.ts";
import { GC_SUBJECT, type GcPlan, planGc } from "./plan-gc.ts";
import { scanUses } from "../uses/scan-uses.ts";

/** Number of retries if a base came into use meanwhile. */
const TRIES = 3;
/** The modification time of the record is the time when a base was last seen in use. */
const SEEN_EVERY_MS = 60 * 60 * 1000;

/** Options of `gc`. */
export interface GcRequest {
  /** Minimum time for which a base must have been unused. */
  readonly graceMs: number;
}

/**
 * Decides about every base. Changes nothing.
 *
 * @throws ApplianceError `LIB_IO` if the base folder cannot be read
 */
export async function prepareGc(host: LocalHost, request: GcRequest): Promise<GcPlan> {
  const { paths, uri, context } = host;
  const bases = await listPoolBases(paths);
  const uses = await scanUses(host, uri, bases);
  const state = { bases, uses, now: context.now(), uri };
  return planGc(state, { graceMs: request.graceMs, paths });
}

/** Records that bases are in use now; the grace time starts here. */
async function noteSeen(host: LocalHost, plan: GcPlan): Promise<void> {
  const now = host.context.now();
  for (const { file } of plan.kept.filter(({ state }) => state === "used")) {
    const record = baseRecordFile(host.paths, file);
    const stats = await stat(record).catch(() => undefined);
    if (stats === undefined || now.getTime() - stats.mtimeMs < SEEN_EVERY_MS) continue;
    await host.effects.perform(`touch ${record}`, () => utimes(record, now, now));
  }
}

/**
 * Removes unused bases. Holds the lock on the catalogue, so that nothing is unpacked meanwhile. Programs that take no
 * lock, such as virt-install, are handled by hiding the bases first, checking again, and then removing them.
 *
 * @throws ApplianceError `HOST_BASE_IN_USE` if bases repeatedly come into use
 */
export async function collectGarbage(host: LocalHost, request: GcRequest): Promise<GcPlan> {
  await using _gc = await beginOnVm(host, GC_SUBJECT, "gc");
  // The lock would block a transaction, so it is taken only if there is something to remove.
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
    await refreshPools(host, [host.paths.baseDir]);
    return plan;
  }
}
