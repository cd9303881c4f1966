import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { removeStaleFolders } from "../../lib/atomic.ts";
import type { Recovery } from "../../lib/journal/journal.ts";
import type { LocalHost } from "../access/local-host.ts";
import { hostSteps } from "../steps/host-steps.ts";
import { lockVm } from "./locks.ts";

/** Returns the outcome of an operation; undefined if it ended by itself. */
async function recoverOne(
  host: LocalHost,
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
export async function recoverInterrupted(host: LocalHost): Promise<readonly string[]> {
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
