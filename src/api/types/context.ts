/** What every function that works on files or runs programs takes. */
export type { Context, CountedWork, Logger, Progress, ProgressTask } from "../../lib/context.ts";
export type { Run, RunOptions, RunResult } from "../../lib/exec.ts";
