import { ApplianceError } from "../../errors.ts";
import type { JournalRecord } from "../../lib/journal/journal.ts";
import type { LocalHost } from "../access/local-host.ts";
import { lockVm } from "../operation/locks.ts";
import type { Finding } from "./finding.ts";

/** Returns whether another process is working on a subject. */
async function isLocked(host: LocalHost, subject: string): Promise<boolean> {
  try {
    await using _lock = await lockVm(host, subject, { purpose: "doctor", waitSeconds: 0 });
    return false;
  } catch (error) {
    if (error instanceof ApplianceError && error.code === "LIB_LOCKED") return true;
    throw error;
  }
}

function unreadable(subject: string, error: ApplianceError): Finding {
  const todo = error.hint ?? "inspect the journal folder";
  const what = `a journal entry cannot be read: ${error.message}`;
  return { severity: "error", code: "journal-bad", subject, what, todo, repair: null };
}

/** Finds interrupted operations, but not running ones. */
export async function checkOperations(host: LocalHost): Promise<readonly Finding[]> {
  let pending: readonly JournalRecord[];
  const findings: Finding[] = [];
  try {
    pending = await host.journal.pending();
    for (const { subject = "journal", error } of await host.journal.unreadable())
      findings.push(unreadable(subject, error));
  } catch (error) {
    if (!(error instanceof ApplianceError)) throw error;
    return [unreadable("journal", error)];
  }
  for (const { subject, verb, startedAt } of pending) {
    if (await isLocked(host, subject)) continue;
    findings.push({
      severity: "error",
      code: "operation-interrupted",
      subject,
      what: `${verb}, started at ${startedAt}, was interrupted`,
      todo: "virt-appliance recover completes or undoes it",
      repair: "recover",
    });
  }
  return findings;
}
