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

/** What a step knows of itself beside its own data. */
export interface StepNotes {
  /** Id of the operation; no other one has it. */
  readonly operation: string;
  /** What the step remembered last; undefined when it never did. */
  readonly made: string | undefined;
  /** Writes down what the step is about to show to others, such as which file it made; it is on the disk when this returns. */
  readonly remember: (made: string) => Promise<void>;
}

/** What a step that is taken back knows of itself. */
type UndoNotes = Pick<StepNotes, "operation" | "made">;

/**
 * A kind of step: how it is done and how it is taken back. Both may be called again after they were cut short at any
 * place, `undo` also when `apply` never got anywhere.
 *
 * @typeParam T  what the step works on
 */
export interface StepKind<T> {
  readonly kind: string;
  /** Returns one line for people. */
  describe(step: JournalStep): string;
  apply(step: JournalStep, target: T, notes: StepNotes): Promise<void>;
  undo(step: JournalStep, target: T, notes: UndoNotes): Promise<void>;
}

/** Defines a kind of step by what it does with steps of its own shape. */
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

/** The kinds of step that a journal can meet. */
export type StepKinds<T> = Readonly<Record<string, StepKind<T>>>;

function kindOf<T>(kinds: StepKinds<T>, step: JournalStep): StepKind<T> {
  const kind = Object.hasOwn(kinds, step.kind) ? kinds[step.kind] : undefined;
  if (kind !== undefined) return kind;
  throw new ApplianceError("LIB_JOURNAL_UNKNOWN", `journal: unknown step "${step.kind}"`, {
    hint: "another version of virt-appliance started the operation; recover it with that version",
  });
}

/** Describes the steps of an operation, one line each. */
export function describeSteps<T>(
  steps: readonly JournalStep[],
  kinds: StepKinds<T>,
): readonly string[] {
  return steps.map((step) => kindOf(kinds, step).describe(step));
}

/** What became of an interrupted operation. */
export type Recovery = "undone" | "finished";

/** What steps work on while they are applied, and while they are undone. */
export interface StepTargets<T> {
  readonly apply: T;
  /** Ctrl-C must not interrupt it, or an interrupted operation could not be undone. */
  readonly undo: T;
}

/**
 * Runs operations of several steps so that they happen wholly or not at all, also when the process is killed or the
 * power fails. The caller sees to it that nobody else works on the same subject.
 */
export interface Journal {
  /**
   * Does the steps in order. When one fails before the commit point, those begun are undone in reverse order and the
   * failure is thrown; behind it, the rest is left to {@link Journal.recover}.
   */
  run<T>(operation: Operation, kinds: StepKinds<T>, targets: StepTargets<T>): Promise<void>;
  /** Operations that were begun and are not over, oldest first; those still being done by somebody are among them. */
  pending(): Promise<readonly JournalRecord[]>;
  /** Entries that this version cannot read: what they are about must be left alone. */
  unreadable(): Promise<readonly UnreadableRecord[]>;
  /** Undoes an operation that was cut short before its commit point, and finishes one cut short behind it. */
  recover<T>(record: JournalRecord, kinds: StepKinds<T>, target: T): Promise<Recovery>;
}

async function undoSteps<T>(record: JournalRecord, kinds: StepKinds<T>, target: T): Promise<void> {
  for (const step of record.steps.slice(0, record.begun).reverse()) {
    await kindOf(kinds, step).undo(step, target, { operation: record.id, made: step.made });
  }
}

/** Does the steps of an operation from one on; `note` writes down how far it got. */
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

/** Returns what is in a folder, oldest first; nothing when there is no folder. */
async function readRecords(folder: string): Promise<readonly (JournalRecord | UnreadableRecord)[]> {
  const names = await namesIn(folder);
  const records: (JournalRecord | UnreadableRecord)[] = [];
  for (const name of names.filter((each) => /^[^.].*\.json$/.test(each)).sort()) {
    const file = path.join(folder, name);
    // Absent: its operation came to its end since the folder was read.
    const text = await findPlainText(file);
    if (text !== undefined) records.push(parseJournalRecord(text, file));
  }
  return records;
}

/**
 * Opens the journal in a folder, which is made when the first operation begins.
 *
 * @param options.effects  the door through which the journal's own files change
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
        // Before the write, which may reach the disk and fail all the same.
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
      // The last step begun may not have been done: it is done again.
      await doSteps({ record, from: record.begun - 1 }, { kinds, target }, write);
      await close(record);
      return "finished";
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The failure of an operation that the journal keeps for later. */
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
