import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";

/** A healthy daemon answers in milliseconds; one that hangs must not hang us. */
const QUESTION_MS = 30_000;
/** QEMU may have to take its memory in huge pages first, or give it back, and storage may be slow. */
const CHANGE_MS = 600_000;
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
const unknown = /failed to get (?:domain|pool)|(?:domain|storage pool) not found/i;

/** Runs virsh and answers what it printed. */
export type Virsh = (...args: readonly string[]) => Promise<string>;

/** What virsh was asked, and of whom. */
interface Question {
  readonly uri: string | undefined;
  readonly args: readonly string[];
  readonly timeoutMs: number;
}

function translate(error: unknown, { uri, args, timeoutMs }: Question): unknown {
  if (!(error instanceof ApplianceError) || error.code !== "LIB_EXEC_FAILED") return error;
  const { cause } = error;
  if (cause instanceof Error && "timedOut" in cause && cause.timedOut === true) {
    return new ApplianceError(
      "LIBVIRT_TIMEOUT",
      `${uri ?? "libvirt"}: virsh ${args.join(" ")} did not end within ${timeoutMs / 1000} seconds`,
      {
        cause: error,
        details: error.details,
        hint: "see whether libvirtd or virtqemud is alive and not stuck: systemctl status libvirtd virtqemud",
      },
    );
  }
  const details = error.details.filter((line) => line.trim() !== "");
  const [first = "no message"] = details.map((line) => line.replace(/^error: /, ""));
  const subject = uri ?? "libvirt";
  if (details.some((line) => unreachable.test(line))) {
    return new ApplianceError("LIBVIRT_UNREACHABLE", `${subject}: libvirt does not answer`, {
      cause: error,
      details,
      hint: "start libvirtd or virtqemud, or name another host with --connect",
    });
  }
  if (details.some((line) => unknown.test(line))) {
    return new ApplianceError("LIBVIRT_UNKNOWN", `${subject}: ${first}`, { cause: error, details });
  }
  return new ApplianceError("LIBVIRT_FAILED", `${subject}: ${first}`, { cause: error, details });
}

/** Answers the lines of a list of names, sorted. */
export function linesOf(output: string): string[] {
  // virsh pads the names of pools with spaces.
  return output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .sort();
}

/** Answers a virsh for a connection; nothing is connected to before it is called. */
export function openVirsh(
  context: Pick<Context, "run" | "signal">,
  uri: string | undefined,
): Virsh {
  const connect = uri === undefined ? [] : ["--connect", uri];
  return async (...args) => {
    const timeoutMs = changes.has(args[0]) ? CHANGE_MS : QUESTION_MS;
    try {
      const result = await context.run("virsh", ["--quiet", ...connect, ...args], {
        signal: context.signal,
        timeoutMs,
      });
      return result.stdout;
    } catch (error) {
      throw translate(error, { uri, args, timeoutMs });
    }
  };
}
