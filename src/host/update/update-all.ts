import { ApplianceError } from "../../errors.ts";
import { readCatalogue } from "../catalogue/catalogue.ts";
import type { LocalHost } from "../access/local-host.ts";
import { recoverInterrupted } from "../operation/recover-interrupted.ts";
import { findInstances } from "../instance/find-instances.ts";
import type { HostStep } from "../steps/host-steps.ts";
import { newerVersion } from "../catalogue/newer-version.ts";
import { acceptVm } from "./accept.ts";
import { versionOf } from "./plan-update-boot.ts";
import { prepareUpdate, updateVm } from "./update.ts";
import type { UpdateRequest } from "./update-request.ts";

/** Options of `update --all`. */
export interface UpdateAllRequest extends Omit<UpdateRequest, "to"> {
  /** Pattern for the names of VMs, with `*` and `?`. Default: all. */
  readonly name?: string | undefined;
  /** Default: 1. */
  readonly maxParallel?: number | undefined;
  /** True if a healthy update is accepted immediately. Default: false. */
  readonly accept?: boolean | undefined;
}

/** Outcome for one VM; the form of `update --json`, to which fields are only added. */
export interface UpdateOutcome {
  readonly vm: string;
  readonly from: string;
  /** Null if no newer version is installed. */
  readonly to: string | null;
  readonly outcome:
    | "updated"
    /** It could be updated; only in a dry run. */
    | "planned"
    | "current"
    /** The update was refused; nothing was changed. */
    | "refused"
    /** It did not come up, and was rolled back. */
    | "unhealthy"
    | "failed"
    /** An earlier VM was unhealthy or failed. */
    | "not-tried";
  readonly message: string | null;
  readonly details: readonly string[];
}

/** Returns whether a name matches a pattern with `*` and `?`. */
export function matchesName(name: string, pattern: string): boolean {
  const source = Array.from(pattern, (character) => {
    if (character === "*") return ".*";
    if (character === "?") return ".";
    return character.replace(/[.+^${}()|[\]\\/]/, "\\$&");
  });
  return new RegExp(`^${source.join("")}$`, "su").test(name);
}

function outcomeOf(error: ApplianceError): UpdateOutcome["outcome"] {
  if (error.code === "HOST_UNHEALTHY") return "unhealthy";
  return error.code === "HOST_REFUSED" ? "refused" : "failed";
}

/** Returns the outcome for a VM after an error; errors that concern all VMs are thrown. */
function failed(base: UpdateOutcome, error: unknown): UpdateOutcome {
  if (!(error instanceof ApplianceError) || error.code === "LIB_INTERRUPTED") throw error;
  const { message, details } = error;
  return { ...base, outcome: outcomeOf(error), message, details };
}

async function updateOne(
  host: LocalHost,
  base: UpdateOutcome,
  request: UpdateAllRequest,
): Promise<UpdateOutcome> {
  const { vm } = base;
  try {
    const done = await updateVm(host, vm, { ...request, to: undefined });
    if (done === undefined) return { ...base, outcome: "current" };
    if (request.accept === true) await acceptVm(host, vm);
    const { to, notes } = done.operation;
    return { ...base, to, outcome: "updated", details: notes };
  } catch (error) {
    return failed(base, error);
  }
}

/** Returns the initial outcome of every matching VM: `current`, or not tried yet. */
async function candidatesOf(host: LocalHost, name = "*"): Promise<UpdateOutcome[]> {
  const [catalogue, { instances, problems }] = await Promise.all([
    readCatalogue(host.paths),
    findInstances(host),
  ]);
  for (const problem of problems) host.context.logger.warn(problem);
  return instances
    .filter(({ vm }) => matchesName(vm, name))
    .map((found): UpdateOutcome => {
      const to = newerVersion(catalogue, found);
      const outcome = to === null ? "current" : "not-tried";
      const from = versionOf(found.instance.current);
      return { vm: found.vm, from, to, outcome, message: null, details: [] };
    });
}

/** Preview for one VM; the form of `update --all --dry-run --json`, to which fields are only added. */
export interface UpdatePreview extends UpdateOutcome {
  /** Empty if nothing would be done. */
  readonly steps: readonly HostStep[];
}

/**
 * Plans the update of every VM with a newer version. Changes nothing.
 *
 * @returns one preview for each matching VM, by name: `planned`, `current` or `refused`
 */
export async function planUpdateAll(
  host: LocalHost,
  request: UpdateAllRequest,
): Promise<readonly UpdatePreview[]> {
  const previews: UpdatePreview[] = [];
  for (const base of await candidatesOf(host, request.name)) {
    if (base.outcome === "current") {
      previews.push({ ...base, steps: [] });
      continue;
    }
    const preview = async (): Promise<UpdatePreview> => {
      const prepared = await prepareUpdate(host, base.vm, { ...request, to: undefined });
      if (prepared === undefined) return { ...base, outcome: "current", steps: [] };
      const { to, notes, steps } = prepared.operation;
      return { ...base, to, outcome: "planned", details: notes, steps };
    };
    previews.push(await preview().catch((error) => ({ ...failed(base, error), steps: [] })));
  }
  return previews;
}

/**
 * Updates every VM with a newer version, several at a time. After the first one that does not come up or fails, no
 * further update is started. A refused VM is not changed.
 *
 * @param onOutcome  called for each VM when it is finished
 * @returns one outcome for each matching VM, by name
 */
export async function updateAll(
  host: LocalHost,
  request: UpdateAllRequest & { readonly onOutcome?: (outcome: UpdateOutcome) => void },
): Promise<readonly UpdateOutcome[]> {
  await recoverInterrupted(host);
  const outcomes = await candidatesOf(host, request.name);
  const queue = outcomes.flatMap(({ outcome }, index) => (outcome === "not-tried" ? [index] : []));
  let isStopped = false;
  const work = async (): Promise<void> => {
    for (let index = queue.shift(); index !== undefined && !isStopped; index = queue.shift()) {
      const base = outcomes[index];
      if (base === undefined) continue;
      try {
        const outcome = await updateOne(host, base, request);
        isStopped ||= ["unhealthy", "failed"].includes(outcome.outcome);
        outcomes[index] = outcome;
        request.onOutcome?.(outcome);
      } catch (error) {
        isStopped = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.max(1, request.maxParallel ?? 1) }, work);
  const ended = await Promise.allSettled(workers);
  for (const end of ended) if (end.status === "rejected") throw end.reason;
  return outcomes;
}
