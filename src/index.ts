/** The library: each stage of the pipeline through its own face. The command line is a thin layer above the same calls. */
export { ApplianceError, errorCodes } from "./errors.ts";
export type { ApplianceErrorOptions, ErrorCode, ExitCode } from "./errors.ts";
export type { Context, Logger, Progress, ProgressTask } from "./lib/context.ts";
export { makeRun } from "./lib/exec.ts";
export type { Run, RunOptions, RunResult } from "./lib/exec.ts";
export * from "./appliance/index.ts";
export * from "./source/index.ts";
export * from "./site/index.ts";
export * from "./draft/index.ts";
export * from "./image/index.ts";
export * from "./plan/index.ts";
export * from "./rpm/index.ts";
export * from "./sign/index.ts";
export * from "./repodata/index.ts";
export * from "./publish/index.ts";
export * from "./pipeline/index.ts";
export * from "./repository/index.ts";
