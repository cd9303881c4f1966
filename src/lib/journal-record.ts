import { ApplianceError } from "../errors.ts";

/** One step of an operation: plain data, which survives a power cut as JSON. */
export interface JournalStep {
  readonly kind: string;
  /** What the step wrote down of itself when it was done. */
  readonly made?: string;
}

/** A change of several steps, before it begins. */
export interface Operation {
  readonly verb: string;
  /** What it works on: the name of a VM, a folder. */
  readonly subject: string;
  /** In order. */
  readonly steps: readonly JournalStep[];
  /**
   * How many steps lie before the commit point: cut short among them, the operation is undone; once the next one has
   * begun, it is finished. As many as there are steps: it is done when all of them are.
   */
  readonly commitAfter: number;
}

/** An operation as the journal's file holds it. */
export interface JournalRecord extends Operation {
  readonly schema: 1;
  /** Begins with the time, so that names sort in order. */
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** How many steps were begun; the last of them may not have been done. */
  readonly begun: number;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStep(value: unknown): value is JournalStep {
  if (!isObject(value) || typeof value["kind"] !== "string") return false;
  return ["string", "undefined"].includes(typeof value["made"]);
}

function isRecord(value: unknown): value is JournalRecord {
  if (!isObject(value) || value["schema"] !== 1) return false;
  const { steps, begun, commitAfter } = value;
  const isCount = (count: unknown): boolean => Number.isSafeInteger(count) && Number(count) >= 0;
  return (
    ["id", "verb", "subject", "startedAt"].every((key) => typeof value[key] === "string") &&
    Array.isArray(steps) &&
    steps.every(isStep) &&
    isCount(begun) &&
    isCount(commitAfter)
  );
}

/**
 * Answers what a file of the journal says.
 *
 * @throws ApplianceError `LIB_JOURNAL_UNKNOWN` when it is not what this version writes
 */
export function parseJournalRecord(text: string, file: string): JournalRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isRecord(value)) return value;
  throw new ApplianceError("LIB_JOURNAL_UNKNOWN", `${file}: not a journal entry of this version`, {
    hint: "finish the operation with the version of this program that began it",
  });
}
