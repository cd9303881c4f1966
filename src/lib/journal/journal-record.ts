import { ApplianceError } from "../../errors.ts";

/** One step of an operation: plain data, stored as JSON, which survives a power failure. */
export interface JournalStep {
  readonly kind: string;
  /** Data that the step recorded when it was applied. */
  readonly made?: string;
}

/** An operation of several steps, before it starts. */
export interface Operation {
  readonly verb: string;
  /** Object that it changes: the name of a VM, a folder. */
  readonly subject: string;
  /** In order. */
  readonly steps: readonly JournalStep[];
  /**
   * Number of steps before the commit point. An operation interrupted in these steps is undone. Once the next step has
   * started, recovery finishes the operation. If all steps are before it, an interrupted operation is always undone.
   */
  readonly commitAfter: number;
}

/** Schema version that this program reads and writes. */
const SCHEMA = 1;

/** An operation as stored in a journal file. */
export interface JournalRecord extends Operation {
  readonly schema: 1;
  /** Starts with the time, so that file names sort by time. */
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Number of steps that were started; the last of them may be incomplete. */
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
  if (!isObject(value) || value["schema"] !== SCHEMA) return false;
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

/** A journal file that this version cannot read. */
export interface UnreadableRecord {
  readonly file: string;
  /** Subject of the operation; undefined if the file does not contain it. */
  readonly subject: string | undefined;
  /** `LIB_JOURNAL_UNKNOWN`, with the content found and a hint. */
  readonly error: ApplianceError;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function describeUnreadable(value: unknown, file: string): UnreadableRecord {
  const { schema, subject, verb } = isObject(value) ? value : {};
  const about = textOf(subject);
  const found =
    schema === undefined
      ? "not a journal entry"
      : schema === SCHEMA
        ? `a damaged journal entry of schema ${SCHEMA}`
        : `a journal entry of schema ${JSON.stringify(schema)}`;
  const origin = textOf(verb) === undefined ? "" : ` (${textOf(verb)})`;
  const whose = about === undefined ? "its subject is unknown" : `its subject is ${about}${origin}`;
  const message = `${file}: ${found}, expected one of schema ${SCHEMA}; ${whose}`;
  const end =
    schema === undefined || schema === SCHEMA
      ? "check the state of its subject"
      : "run recover from the version of virt-appliance that wrote it, or check the state of its subject";
  const error = new ApplianceError("LIB_JOURNAL_UNKNOWN", message, {
    hint: `${end}, then remove the file`,
  });
  return { file, subject: about, error };
}

/** Parses the content of a journal file. */
export function parseJournalRecord(text: string, file: string): JournalRecord | UnreadableRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  return isRecord(value) ? value : describeUnreadable(value, file);
}
