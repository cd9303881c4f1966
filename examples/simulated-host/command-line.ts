import type { Context } from "../../src/lib/context.ts";
import type { RunResult } from "../../src/lib/exec.ts";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** How a command is run in a simulated host. */
export interface HostRunOptions {
  readonly input?: string | Uint8Array;
  /** Time limit of the command and its children. Default: ten minutes. */
  readonly timeoutMs?: number;
  /** Exit statuses besides 0 that are no failure; `"any"`: all of them. */
  readonly accept?: readonly number[] | "any";
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program in a namespace. */
export type CommandLine = (argv: readonly string[], options?: HostRunOptions) => Promise<RunResult>;

/** Returns how to run programs as root, with the C locale, in the namespace whose first process this is. */
export function openCommandLine(pid: number, context: Context): CommandLine {
  return async (argv, { input, timeoutMs = 600_000, accept = [], env = {} } = {}) => {
    const seconds = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
    const enter = ["--target", String(pid), "--mount", "--pid", "--ipc", "--uts", "--net"];
    // Ending nsenter alone would leave the command and its children running; timeout(1) ends both.
    const into = ["--root", "--wd", "setpriv", "--pdeathsig", "TERM"];
    const limited = ["timeout", "--kill-after=5", seconds, ...argv];
    return context.run("nsenter", [...enter, ...into, ...limited], {
      acceptExitCodes: accept === "any" ? Array.from({ length: 256 }, (_, code) => code) : accept,
      env: { HOME: "/root", PATH, ...env },
      ...(input === undefined ? {} : { input }),
    });
  };
}
