import { randomBytes } from "node:crypto";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { namesIn } from "../atomic.ts";
import type { Effects } from "./effects.ts";
import {
  type JournalRecord,
  type JournalStep,
  type Operation,
  parseJournalRecord,
  type UnreadableRecord,
} from "./journal-record.ts";
import { findPlainText } from "../plain-file.ts";

export type { JournalRecord, JournalStep, Operation } from "./journal-record.ts";

/** Information for a step in addition to its own data. */
export interface StepNotes {
  /** Unique id of the operation. */
  readonly operation: string;
  /** Data that the step recorded last; undefined if it recorded none. */
  readonly made: string | undefined;
  /** Records data before it has a visible effect, such as the file that was made. Synced to disk when this returns. */
  readonly remember: (made: string) => Promise<void>;
}

/** Information for a step that is undone. */
type UndoNotes = Pick<StepNotes, "operation" | "made">;

/**
 * A kind of step: how it is applied and undone. Both may be called again after an interruption at any point. `undo` may
 * also be called if `apply` had no effect.
 *
 * @typeParam T  target that the step changes
 */
export interface StepKind<T> {
  readonly kind: string;
  /** Returns a description in one line. */
  describe(step: JournalStep): string;
  apply(step: JournalStep, target: T, notes: StepNotes): Promise<void>;
  undo(step: JournalStep, target: T, notes: UndoNotes): Promise<void>;
}

/** Defines a kind of step from functions that take steps of this kind. */
export function defineStep<S extends JournalStep, T>(
  kind: S["kind"],
  handler: {
    describe(step: S): string;
    apply(step: S, target: T, notes: StepNotes): Promise<void>;
    undo(step: S, target: T, notes: UndoNotes): Promise<void>;
  },
): StepKind<T> {
  const isOwn = (step: JournalStep): step is S => step.kind === kind;
  const own = (step: JournalStep): S => {
    if (isOwn(step)) return step;
    throw new TypeError(`a step "${step.kind}" was given to the kind "${kind}"`);
  };
  return {
    kind,
    describe: (step) => handler.describe(own(step)),
    apply: async (step, target, notes) => handler.apply(own(step), target, notes),
    undo: async (step, target, notes) => handler.undo(own(step), target, notes),
  };
}

/** The kinds of step that a journal can contain. */
export type StepKinds<T> = Readonly<Record<string, StepKind<T>>>;

function kindOf<T>(kinds: StepKinds<T>, step: JournalStep): StepKind<T> {
  const kind = Object.hasOwn(kinds, step.kind) ? kinds[step.kind] : undefined;
  if (kind !== undefined) return kind;
  throw new ApplianceError("LIB_JOURNAL_UNKNOWN", `journal: unknown step "${step.kind}"`, {
    hint: "another version of virt-appliance started the operation; recover it with that version",
  });
}

/** Returns descriptions of the steps of an operation, one line each. */
export function describeSteps<T>(
  steps: readonly JournalStep[],
  kinds: StepKinds<T>,
): readonly string[] {
  return steps.map((step) => kindOf(kinds, step).describe(step));
}

/** Result of recovering an interrupted operation. */
export type Recovery = "undone" | "finished";

/** Targets of steps when they are applied, and when they are undone. */
export interface StepTargets<T> {
  readonly apply: T;
  /** Ctrl-C must not interrupt it, or an interrupted operation could not be undone. */
  readonly undo: T;
}

/**
 * Runs operations of several steps atomically, even if the process is killed or the power fails. The caller ensures
 * that no other process works on the same subject.
 */
export interface Journal {
  /**
   * Applies the steps in order. If a step fails before the commit point, undoes the started steps in reverse order and
   * throws the error. If a step fails after it, {@link Journal.recover} applies the remaining steps later.
   */
  run<T>(operation: Operation, kinds: StepKinds<T>, targets: StepTargets<T>): Promise<void>;
  /** Operations that were started and are not complete, oldest first, including those that another process now runs. */
  pending(): Promise<readonly JournalRecord[]>;
  /** Entries that this version cannot read. Their subjects must not be changed. */
  unreadable(): Promise<readonly UnreadableRecord[]>;
  /** Undoes an operation that was interrupted before its commit point; finishes one that was interrupted after it. */
  recover<T>(record: JournalRecord, kinds: StepKinds<T>, target: T): Promise<Recovery>;
}

async function undoSteps<T>(record: JournalRecord, kinds: StepKinds<T>, target: T): Promise<void> {
  for (const step of record.steps.slice(0, record.begun).reverse()) {
    await kindOf(kinds, step).undo(step, target, { operation: record.id, made: step.made });
  }
}

/** Applies the steps of an operation, starting with step `from`; `note` records the progress. */
async function doSteps<T>(
  start: { readonly record: JournalRecord; readonly from: number },
  on: { readonly kinds: StepKinds<T>; readonly target: T },
  note: (record: JournalRecord) => Promise<void>,
): Promise<void> {
  let { record } = start;
  for (const [index, step] of record.steps.entries()) {
    if (index < start.from) continue;
    if (record.begun <= index) {
      record = { ...record, begun: index + 1 };
      await note(record);
    }
    const remember = async (made: string): Promise<void> => {
      const steps = record.steps.map((each, at) => (at === index ? { ...each, made } : each));
      record = { ...record, steps };
      await note(record);
    };
    const notes = { operation: record.id, made: step.made, remember };
    await kindOf(on.kinds, step).apply(step, on.target, notes);
  }
}

function isCommitted(record: JournalRecord): boolean {
  return record.begun > record.commitAfter;
}

function newRecord(operation: Operation, now: Date): JournalRecord {
  const startedAt = now.toISOString();
  const time = startedAt.replaceAll(/[^0-9]/g, "");
  const id = `${time}-${operation.verb}-${randomBytes(4).toString("hex")}`;
  return { schema: 1, id, startedAt, begun: 0, ...operation };
}

/** Returns the records in a folder, oldest first; empty if the folder does not exist. */
async function readRecords(folder: string): Promise<readonly (JournalRecord | UnreadableRecord)[]> {
  const names = await namesIn(folder);
  const records: (JournalRecord | UnreadableRecord)[] = [];
  for (const name of names.filter((each) => /^[^.].*\.json$/.test(each)).sort()) {
    const file = path.join(folder, name);
    // If the file is absent, its operation was completed after the folder was read.
    const text = await findPlainText(file);
    if (text !== undefined) records.push(parseJournalRecord(text, file));
  }
  return records;
}

/**
 * Opens the journal in a folder. The folder is made when the first operation starts.
 *
 * @param options.effects  changes the journal's own files
 */
export function openJournal(options: {
  readonly folder: string;
  readonly effects: Effects;
  readonly now: () => Date;
}): Journal {
  const { folder, effects } = options;
  const fileOf = (id: string): string => path.join(folder, `${id}.json`);
  const write = async (record: JournalRecord): Promise<void> => {
    await effects.writeFile(fileOf(record.id), `${JSON.stringify(record)}\n`, 0o600);
  };
  const close = (record: JournalRecord): Promise<void> => effects.remove(fileOf(record.id));
  return {
    async run(operation, kinds, targets) {
      let record = newRecord(operation, options.now());
      await effects.makeFolder(folder, 0o700);
      await write(record);
      const note = async (latest: JournalRecord): Promise<void> => {
        // Set before the write, because a write that fails may have reached the disk.
        record = latest;
        await write(record);
      };
      try {
        await doSteps({ record, from: 0 }, { kinds, target: targets.apply }, note);
      } catch (error) {
        if (isCommitted(record)) throw unfinished(record, error);
        try {
          await undoSteps(record, kinds, targets.undo);
          await close(record);
        } catch (undoError) {
          throw unfinished(record, error, undoError);
        }
        throw error;
      }
      await close(record);
    },
    pending: async () =>
      (await readRecords(folder)).flatMap((each) => ("error" in each ? [] : [each])),
    unreadable: async () =>
      (await readRecords(folder)).flatMap((each) => ("error" in each ? [each] : [])),
    async recover(record, kinds, target) {
      if (!isCommitted(record)) {
        await undoSteps(record, kinds, target);
        await close(record);
        return "undone";
      }
      // The last started step may be incomplete, so it is applied again.
      await doSteps({ record, from: record.begun - 1 }, { kinds, target }, write);
      await close(record);
      return "finished";
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Returns the error for an operation that remains in the journal for recovery. */
function unfinished(record: JournalRecord, cause: unknown, undoError?: unknown): unknown {
  const { subject, verb } = record;
  const details = cause instanceof ApplianceError ? cause.details : [];
  const isUndo = undoError !== undefined;
  return new ApplianceError(
    "LIB_JOURNAL_UNFINISHED",
    `${subject}: ${verb} could not be ${isUndo ? "undone" : "finished"}: ${messageOf(cause)}`,
    {
      cause,
      details: isUndo ? [...details, `while undoing: ${messageOf(undoError)}`] : details,
      hint: "the next command, and doctor, try it again",
    },
  );
}
