import type { LocalHost } from "../access/local-host.ts";
import { readTrace, readTracedVm, removeTrace, traceFile, writeTrace } from "../machine/trace.ts";
import { type HostOperation, type HostStep, hostSteps } from "../steps/host-steps.ts";

/** Carries out an operation completely or not at all. The caller holds the lock on its subject. */
export async function applyOperation(host: LocalHost, operation: HostOperation): Promise<void> {
  const { verb, subject, steps, commitAfter } = operation;
  const targets = { apply: host, undo: host.uninterruptible };
  await host.journal.run({ verb, subject, steps, commitAfter }, hostSteps, targets);
  await keepTrace(host, steps);
}

/** Updates the trace of a VM's files, which is used when its domain no longer exists; removes it with the VM. */
async function keepTrace({ paths, effects }: LocalHost, steps: readonly HostStep[]): Promise<void> {
  const last = steps.findLast(({ kind }) => kind === "define-domain" || kind === "undefine-domain");
  if (last?.kind === "undefine-domain") await removeTrace(paths, effects, last.xml);
  if (last?.kind !== "define-domain") return;
  const vm = readTracedVm(last.xml);
  if (vm === undefined) return;
  await writeTrace({ paths, effects }, vm, await readTrace(traceFile(paths, vm.uuid)));
}
