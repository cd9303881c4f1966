import type { Run } from "./exec.ts";

/** Receives messages for the user. The result of a command is not logged; the caller prints it. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  debug(message: string): void;
}

/** Progress of one task, shown as a bar or as plain lines. Call `done` at the end, including on failure. */
export interface ProgressTask {
  /** Adds to the amount of finished work, in the unit of the total. */
  advance(amount: number): void;
  /** Shows the current activity of a task that is measured in time. */
  note?(text: string): void;
  done(): void;
}

/** Work that is measured in items, such as `domains`. */
export interface CountedWork {
  /** Undefined if unknown. */
  readonly count: number | undefined;
  readonly of: string;
}

/** Starts progress tasks. */
export interface Progress {
  /**
   * @param total in bytes; undefined if unknown; `"time"` if only the elapsed time can be shown; or a count of items
   */
  start(label: string, total?: number | "time" | CountedWork): ProgressTask;
}

/** Shows nothing; for work that is part of a larger task. */
export const silentProgress: Progress = {
  start: () => ({ advance: () => {}, done: () => {} }),
};

/** The environment of an operation. It is always passed in; only `cli/` reads environment variables or the clock. */
export interface Context {
  /** Aborted on Ctrl-C; every operation stops, cleans up and throws `LIB_INTERRUPTED`. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly progress: Progress;
  /** The current time. */
  readonly now: () => Date;
  /** Runs an external program; see `lib/exec.ts`. */
  readonly run: Run;
  /** Folder for large temporary files, if they cannot be beside their target. */
  readonly temporaryFolder: string;
}
