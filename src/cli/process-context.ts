import os from "node:os";
import { escapeControls } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { DEFAULT_PATH, makeRun } from "../lib/exec.ts";
import type { ProgramProcess } from "./program-process.ts";
import { makeProgress } from "./progress-bar.ts";

/** How much is said on standard error. */
export interface Talk {
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Makes the context of a process: the only place that looks at the environment and the clock. */
export function processContext(
  { environment, stderr }: ProgramProcess,
  signal: AbortSignal,
  talk: Talk,
): Context {
  const write = (text: string): void => {
    stderr.write(text);
  };
  // Messages hold names from outside: they are one line each, and move no cursor.
  const say = (text: string): void => write(`${escapeControls(text)}\n`);
  const progress = makeProgress({
    write: talk.quiet ? (): void => {} : write,
    terminal: stderr.isTTY === true,
    columns: stderr.columns ?? 80,
    nowMs: () => performance.now(),
  });
  return {
    signal,
    logger: {
      info: talk.quiet ? (): void => {} : say,
      warn: (message) => say(`warning: ${message}`),
      debug: talk.verbose ? say : (): void => {},
    },
    progress,
    now: () => new Date(),
    run: makeRun(environment["PATH"] ?? DEFAULT_PATH, signal),
    temporaryFolder: environment["TMPDIR"] ?? os.tmpdir(),
  };
}
