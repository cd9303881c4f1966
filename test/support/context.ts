import os from "node:os";
import type { Context } from "../../src/lib/context.ts";
import { makeRun } from "../../src/lib/exec.ts";

/** A quiet context with real programs and a fixed clock, for tests. */
export function testContext(overrides: Partial<Context> = {}): Context {
  const signal = overrides.signal ?? new AbortController().signal;
  return {
    signal,
    logger: { info: () => {}, warn: () => {}, debug: () => {} },
    progress: { start: () => ({ advance: () => {}, done: () => {} }) },
    now: () => new Date("2026-01-02T03:04:05Z"),
    run: makeRun(process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin", signal),
    temporaryFolder: os.tmpdir(),
    ...overrides,
  };
}
