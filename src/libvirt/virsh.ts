import { countOf } from "../lib/count-of.ts";
import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import type { RunOptions, RunResult } from "../lib/exec.ts";

/** A healthy daemon responds in milliseconds; a hung daemon must not hang this program. */
const QUESTION_MS = 30_000;
/** QEMU may first have to allocate or free its memory in huge pages, and storage may be slow. */
const CHANGE_MS = 600_000;
const MAX_SHOWN_CHARACTERS = 200;
const changes: ReadonlySet<string | undefined> = new Set([
  "autostart",
  "blockresize",
  "define",
  "destroy",
  "pool-destroy",
  "pool-refresh",
  "pool-undefine",
  "shutdown",
  "start",
  "undefine",
]);

const unreachable = /failed to connect to the hypervisor|cannot connect|connection refused/i;
const denied =
  /permission denied|access denied|authentication (?:failed|unavailable|cancelled)|not authorized/i;
const unknown = /failed to get (?:domain|pool)|(?:domain|storage pool) not found/i;

/** Runs virsh and returns its standard output. */
export type Virsh = (...args: readonly string[]) => Promise<string>;

/** Runs virsh for a connection. Failures of virsh become an `ApplianceError`. */
export type RunVirsh = (args: readonly string[], options?: RunOptions) => Promise<RunResult>;

/**
 * Returns the error for a message of virsh.
 *
 * @param lines  non-empty lines of its standard error
 * @param subject  the connection, for the message
 */
export function virshError(
  lines: readonly string[],
  subject: string,
  cause?: ApplianceError,
): ApplianceError {
  const [first = "no message"] = lines.map((line) => line.replace(/^error: /, ""));
  const common = { cause, details: lines };
  if (lines.some((line) => unreachable.test(line))) {
    if (lines.some((line) => denied.test(line))) {
      return new ApplianceError(
        "LIBVIRT_DENIED",
        `${subject}: libvirt denies access to this user`,
        {
          ...common,
          hint: "run the command as root, for example with sudo, or use your own connection: --connect qemu:///session",
        },
      );
    }
    return new ApplianceError("LIBVIRT_UNREACHABLE", `${subject}: libvirt does not respond`, {
      ...common,
      hint: "start libvirtd or virtqemud, or choose another host with --connect",
    });
  }
  const code = lines.some((line) => unknown.test(line)) ? "LIBVIRT_UNKNOWN" : "LIBVIRT_FAILED";
  return new ApplianceError(code, `${subject}: ${first}`, common);
}

function translate(
  error: unknown,
  subject: string,
  asked: { readonly args: readonly string[]; readonly timeoutMs: number },
): unknown {
  if (!(error instanceof ApplianceError) || error.code !== "LIB_EXEC_FAILED") return error;
  const { cause } = error;
  if (cause instanceof Error && "timedOut" in cause && cause.timedOut === true) {
    // The commands of a batch are too long for a message.
    const what = asked.args.join(" ").slice(0, MAX_SHOWN_CHARACTERS);
    return new ApplianceError(
      "LIBVIRT_TIMEOUT",
      `${subject}: virsh ${what} did not end within ${countOf(asked.timeoutMs / 1000, "second")}`,
      {
        cause: error,
        details: error.details,
        hint: "check that libvirtd or virtqemud runs and responds: systemctl status libvirtd virtqemud",
      },
    );
  }
  const lines = error.details.filter((line) => line.trim() !== "");
  return virshError(lines, subject, error);
}

/** Returns the names in a list with one name per line, sorted. */
export function linesOf(output: string): string[] {
  // virsh pads the names of pools with spaces.
  return output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .sort();
}

/** Returns a function that runs virsh for a connection; it does not connect before it is called. */
export function openRunVirsh(
  context: Pick<Context, "run" | "signal">,
  uri: string | undefined,
): RunVirsh {
  const connect = uri === undefined ? [] : ["--connect", uri];
  return async (args, options = {}) => {
    const timeoutMs = options.timeoutMs ?? (changes.has(args[0]) ? CHANGE_MS : QUESTION_MS);
    try {
      return await context.run("virsh", ["--quiet", ...connect, ...args], {
        ...options,
        signal: context.signal,
        timeoutMs,
      });
    } catch (error) {
      throw translate(error, uri ?? "libvirt", { args, timeoutMs });
    }
  };
}

/** Returns a virsh that runs one command in each process. */
export function openVirsh(run: RunVirsh): Virsh {
  return async (...args) => (await run(args)).stdout;
}
