import os from "node:os";
import { escapeControls } from "../../errors.ts";
import type { Context } from "../../lib/context.ts";
import { DEFAULT_PATH, makeRun } from "../../lib/exec.ts";
import type { ProgramProcess } from "./program-process.ts";
import { makeProgress } from "../terminal/progress-bar.ts";

/** Which messages are printed on standard error. */
export interface Talk {
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Returns the context of a process. Only this function reads the environment and the clock. */
export function processContext(
  { environment, stderr }: ProgramProcess,
  signal: AbortSignal,
  talk: Talk,
): Context {
  const write = (text: string): void => {
    stderr.write(text);
  };
  // Messages contain untrusted names. Escaping keeps each message on one line, without control characters.
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
