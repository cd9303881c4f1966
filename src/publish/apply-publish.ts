import { ApplianceError } from "../errors.ts";
import type { PublishPlan, PublishStep } from "./publish-plan.ts";
import type { Store } from "./store.ts";

/** Maximum number of parallel steps. */
const CONCURRENCY = 32;

async function applyStep(step: PublishStep, store: Store): Promise<void> {
  switch (step.kind) {
    case "put":
      return store.put(step.path, step.content);
    case "link":
      return store.link(step.from, step.to);
    case "switch":
      return store.switch(step.path, step.content);
    case "switch-all":
      return store.switchAll(step.files);
    case "share":
      return store.share(step.from, step.to);
    case "remove":
      return store.remove(step.path);
    case "flush":
      return store.flush();
  }
}

/** New files between two flushes may be created in any order; all other steps run one by one. */
function groupSteps(steps: readonly PublishStep[]): PublishStep[][] {
  const groups: PublishStep[][] = [];
  let open: PublishStep[] | undefined;
  for (const step of steps) {
    if (step.kind !== "put" && step.kind !== "link") {
      groups.push([step]);
      open = undefined;
    } else if (open === undefined || open.length === CONCURRENCY) {
      open = [step];
      groups.push(open);
    } else open.push(step);
  }
  return groups;
}

/**
 * Carries out a plan. If it is interrupted at any step, clients see either the old repository or the new one, and the
 * next publish removes the leftovers.
 *
 * @param options.checkpoint  called before each group of steps; throws to stop the work
 * @throws ApplianceError `PUBLISH_CONFLICT`, `LIB_INTERRUPTED`, or errors of the store
 */
export async function applyPublish(
  plan: Pick<PublishPlan, "steps">,
  store: Store,
  options: { readonly signal?: AbortSignal; readonly checkpoint?: () => void } = {},
): Promise<void> {
  for (const group of groupSteps(plan.steps)) {
    options.checkpoint?.();
    if (options.signal?.aborted === true) {
      throw new ApplianceError("LIB_INTERRUPTED", `${store.location}: interrupted`, {
        hint: "clients see the repository either before or after the change; run the command again",
      });
    }
    const results = await Promise.allSettled(group.map((step) => applyStep(step, store)));
    const failed = results.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}
