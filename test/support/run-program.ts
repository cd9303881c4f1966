import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import type { RunResult } from "../../src/lib/exec.ts";

/** A stream that keeps what is written to it. */
class Kept extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString("utf8");
    done();
  }
}

/** How the command line is run. */
export interface RunProgramOptions {
  /** Variables added to the C locale and the PATH, which is all that the program gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit statuses that the test expects besides 0. Default: any. */
  readonly acceptExitCodes?: readonly number[];
}

/**
 * Runs the command line in this process, without a terminal, and returns what the program would have written. A path
 * among the arguments is absolute, or relative to the root of the repository. What a process does (signals, descriptors,
 * terminals) is tested with the built program instead, see openMeasuredProgram.
 */
export async function runProgram(
  args: readonly string[],
  { env, acceptExitCodes }: RunProgramOptions = {},
): Promise<RunResult> {
  const [stdout, stderr] = [new Kept(), new Kept()];
  const exitCode = await runCommandLine(args, {
    environment: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8", ...env },
    stdin: {},
    stdout,
    stderr,
    watchInterrupts: () => new AbortController().signal,
  });
  assert.ok(
    exitCode === 0 || acceptExitCodes?.includes(exitCode) !== false,
    `${args.join(" ")}: ended with status ${exitCode}\n${stderr.text}`,
  );
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}
