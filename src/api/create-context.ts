import os from "node:os";
import { type Context, type Logger, type Progress, silentProgress } from "../lib/context.ts";
import { DEFAULT_PATH, makeRun } from "../lib/exec.ts";

/** What differs from the defaults of {@link createContext}. */
export interface ContextOptions {
  /** Aborting it stops an operation. Default: nothing does. */
  readonly signal?: AbortSignal | undefined;
  /** Default: silent. */
  readonly logger?: Logger | undefined;
  /** Default: silent. */
  readonly progress?: Progress | undefined;
  /** Default: the system's clock. */
  readonly now?: (() => Date) | undefined;
  /** Folders with external programs, separated by colons. Default: `PATH` of the environment. */
  readonly path?: string | undefined;
  /** Default: `os.tmpdir()`. */
  readonly temporaryFolder?: string | undefined;
}

/**
 * Returns the context of an operation: how it is interrupted, where its messages go, and where it finds programs.
 *
 * @example
 * const context = createContext({ signal: AbortSignal.timeout(60_000) });
 */
export function createContext(options: ContextOptions = {}): Context {
  const silent = (): void => {};
  const signal = options.signal ?? new AbortController().signal;
  return {
    signal,
    logger: options.logger ?? { info: silent, warn: silent, debug: silent },
    progress: options.progress ?? silentProgress,
    now: options.now ?? ((): Date => new Date()),
    run: makeRun(options.path ?? process.env["PATH"] ?? DEFAULT_PATH, signal),
    temporaryFolder: options.temporaryFolder ?? os.tmpdir(),
  };
}
