import { ApplianceError } from "../../errors.ts";
import type { Lock } from "../../lib/lock.ts";
import type { LocalHost } from "../access/local-host.ts";
import { lockVm } from "./locks.ts";
import { recoverInterrupted } from "./recover-interrupted.ts";

/**
 * Recovers interrupted operations, and locks a VM for a change.
 *
 * @throws ApplianceError `HOST_INTERRUPTED` if an operation on this VM could be neither completed nor undone;
 *   `LIB_JOURNAL_UNKNOWN` if the journal has an unreadable entry that may concern this VM
 */
export async function beginOnVm(host: LocalHost, vm: string, purpose: string): Promise<Lock> {
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
