import os from "node:os";
import type { Context } from "../../src/lib/context.ts";
import { makeRun } from "../../src/lib/exec.ts";

/** A context that prints nothing: the demo prints its own lines. */
export function makeDemoContext(signal: AbortSignal): Context {
  return {
    signal,
    logger: { info: () => {}, warn: () => {}, debug: () => {} },
    progress: { start: () => ({ advance: () => {}, done: () => {} }) },
    now: () => new Date(),
    run: makeRun(process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin", signal),
    temporaryFolder: process.env["TMPDIR"] ?? os.tmpdir(),
  };
}
