import { ApplianceError } from "../../errors.ts";

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

/** What this version writes, and reads. */
const SCHEMA = 1;

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

/** A file of the journal that this version cannot read. */
export interface UnreadableRecord {
  readonly file: string;
  /** What it is about, as far as it says so; undefined: it may be anything. */
  readonly subject: string | undefined;
  /** `LIB_JOURNAL_UNKNOWN`, with what was found and what to do. */
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

/** Returns what a file of the journal says. */
export function parseJournalRecord(text: string, file: string): JournalRecord | UnreadableRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  return isRecord(value) ? value : describeUnreadable(value, file);
}
