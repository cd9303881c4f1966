import os from "node:os";
import { ApplianceError, escapeControls } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { makeRun } from "../lib/exec.ts";
import { makeProgress } from "./progress-bar.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** How much is said on standard error. */
export interface Talk {
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/**
 * A signal that is aborted by SIGINT, SIGTERM and SIGHUP; a second one ends the process at once. SIGXFSZ, which a limit
 * on the size of files (`ulimit -f`) sends, no longer ends it: the write fails with EFBIG. Node ignores it too, but
 * execa's clean-up would end the process for every signal that nobody else listens to.
 */
export function processSignal(): AbortSignal {
  const controller = new AbortController();
  process.on("SIGXFSZ", () => {});
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort(new ApplianceError("LIB_INTERRUPTED", "interrupted"));
    });
  }
  return controller.signal;
}

/** Makes the context of this process: the only place that looks at the environment and the clock. */
export function processContext(signal: AbortSignal, talk: Talk): Context {
  const write = (text: string): void => {
    process.stderr.write(text);
  };
  // Messages hold names from outside: they are one line each, and move no cursor.
  const say = (text: string): void => write(`${escapeControls(text)}\n`);
  const progress = makeProgress({
    write: talk.quiet ? (): void => {} : write,
    terminal: process.stderr.isTTY,
    columns: process.stderr.columns ?? 80,
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
    run: makeRun(process.env["PATH"] ?? DEFAULT_PATH, signal),
    temporaryFolder: process.env["TMPDIR"] ?? os.tmpdir(),
  };
}
