/** What functions that run programs, or work for long, take. */
export type { Context, CountedWork, Logger, Progress, ProgressTask } from "../../lib/context.ts";
export type { Run, RunOptions, RunResult } from "../../lib/exec.ts";
