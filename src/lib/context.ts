import type { Run } from "./exec.ts";

/** Where talk goes: never the result of a command, which is the caller's to print. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  debug(message: string): void;
}

/** One running measure of work, shown as a bar or as plain lines; `done` must be called, also on failure. */
export interface ProgressTask {
  /** Adds to what is done, in the unit of the total. */
  advance(amount: number): void;
  /** Tells what is being done right now, for work that is measured in time. */
  note?(text: string): void;
  done(): void;
}

/** Work that is measured by things: so many `domains`. */
export interface CountedWork {
  /** Undefined when it is not known. */
  readonly count: number | undefined;
  readonly of: string;
}

/** Opens measures of work. */
export interface Progress {
  /**
   * @param total in bytes; undefined when it is not known; `"time"` for work of which only the time is known; or what
   *   else is counted
   */
  start(label: string, total?: number | "time" | CountedWork): ProgressTask;
}

/** Shows nothing: for work that is part of a larger one. */
export const silentProgress: Progress = {
  start: () => ({ advance: () => {}, done: () => {} }),
};

/**
 * Everything ambient that an operation needs, passed in and never looked up:
 * only `cli/` reads the environment or the clock.
 */
export interface Context {
  /** Aborted on Ctrl-C; every operation stops, cleans up and throws `LIB_INTERRUPTED`. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly progress: Progress;
  /** The present time. */
  readonly now: () => Date;
  /** Runs an external program; see `lib/exec.ts`. */
  readonly run: Run;
  /** Folder for large temporary files when no better place (beside the target) is known. */
  readonly temporaryFolder: string;
}
