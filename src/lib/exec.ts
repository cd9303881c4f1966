import type { EventEmitter } from "node:events";
import type { ReadStream } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { execa, ExecaError } from "execa";
import { ApplianceError } from "../errors.ts";
import { fileError } from "./atomic.ts";
import { countOf } from "./count-of.ts";
import { openPlainFile } from "./plain-file.ts";

/** Options for running an external program. */
export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Working directory of the program. */
  readonly cwd?: string;
  /** Content of its standard input. Default: empty. */
  readonly input?: string | Uint8Array | Readable;
  /** File for its standard input. The program inherits the descriptor, so no data passes through this process. */
  readonly inputFile?: string;
  /**
   * Stream that receives standard output, with back pressure; `stdout` of the result is then empty. The stream ends
   * with the program's output, before the exit status is known, and is destroyed on failure.
   */
  readonly output?: Writable;
  /** Exit statuses that are not failures, besides 0. */
  readonly acceptExitCodes?: readonly number[];
  /** Environment variables besides the C locale and PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** Time after which the program is ended. */
  readonly timeoutMs?: number;
  /** Called for each chunk of standard output; for programs that report progress there. */
  readonly onStdout?: (chunk: string) => void;
  /** Maximum bytes of output to keep. Default: 64 MiB. */
  readonly maxBuffer?: number;
  /** Signal that ends the program. Default: SIGTERM. */
  readonly endSignal?: "SIGTERM" | "SIGINT";
  /**
   * True if the program's own children end with it, however it ends: those of rpmbuild hold its output open. It then has
   * its own session, which Ctrl-C on a terminal does not reach directly.
   */
  readonly endsChildren?: boolean;
  /** True if the program continues when the context is interrupted; for programs that undo an incomplete change. */
  readonly ignoresInterrupt?: boolean;
}

/** Output and exit status of an external program. */
export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program with an argument vector, never through a shell. Returns its output as text.
 *
 * @throws ApplianceError `LIB_EXEC_MISSING` if the program is not installed, `LIB_EXEC_FAILED` if it ends with an
 *   unexpected status or exceeds the timeout, `LIB_INTERRUPTED` if the signal was aborted
 */
export type Run = (
  file: string,
  args: readonly string[],
  options?: RunOptions,
) => Promise<RunResult>;

/** Search path for programs if PATH is not set. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Package of each program, for the hint when the program is missing. */
const packages: Readonly<Record<string, string>> = {
  "qemu-img": "qemu-utils (Debian) or qemu-img (Fedora)",
  virsh: "libvirt-clients (Debian) or libvirt-client (Fedora)",
  "virt-install": "virtinst (Debian) or virt-install (Fedora)",
  flock: "util-linux",
  rpmbuild: "rpm (Debian) or rpm-build (Fedora, RHEL, SUSE)",
  gpg: "gnupg (Debian), gnupg2 (Fedora, RHEL) or gpg2 (SUSE)",
  zstd: "zstd",
  xz: "xz-utils (Debian) or xz (Fedora)",
  bzip2: "bzip2",
};

function failure(
  file: string,
  args: readonly string[],
  { error, timeoutMs }: { readonly error: unknown; readonly timeoutMs: number | undefined },
): unknown {
  if (!(error instanceof ExecaError)) return error;
  if (error.cause instanceof ApplianceError) return error.cause;
  const rawStderr: unknown = error.stderr;
  if (error.code === "ENOENT") {
    const known = packages[file];
    return new ApplianceError("LIB_EXEC_MISSING", `${file}: not installed`, {
      cause: error,
      hint: known === undefined ? `install ${file}` : `install the package ${known}`,
    });
  }
  if (error.isCanceled) {
    return new ApplianceError("LIB_INTERRUPTED", `${file}: interrupted`, { cause: error });
  }
  // The program could not be started: no process or descriptor was available.
  const refusal = fileError(error.cause, file);
  if (refusal instanceof ApplianceError) return refusal;
  const stderr = typeof rawStderr === "string" ? rawStderr.trim() : "";
  const how = error.timedOut
    ? `did not end within ${countOf((timeoutMs ?? error.durationMs) / 1000, "second")}`
    : error.exitCode === undefined
      ? `was ended by ${error.signal ?? "an unknown cause"}`
      : `ended with status ${error.exitCode}, expected 0`;
  const line = args.length === 0 ? "" : `: ${[file, ...args].join(" ")}`;
  return new ApplianceError("LIB_EXEC_FAILED", `${file}: ${how}${line}`, {
    cause: error,
    details: stderr === "" ? [] : stderr.split("\n").slice(-20),
  });
}

/** Makes the {@link Run} of a context: programs get only `path` as PATH and the C locale. */
export function makeRun(path: string, contextSignal: AbortSignal): Run {
  return async (file, args, options = {}) => {
    let stdin: ReadStream | undefined;
    try {
      stdin =
        options.inputFile === undefined
          ? undefined
          : (await openPlainFile(options.inputFile)).createReadStream();
      const child = execa(file, args, {
        ...cancelSignal(options, contextSignal),
        extendEnv: false,
        env: { PATH: path, LC_ALL: "C.UTF-8", ...options.env },
        maxBuffer: options.maxBuffer ?? 64 * 1024 * 1024,
        buffer: { stdout: options.output === undefined },
        stripFinalNewline: false,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...standardInput(options, stdin),
        ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
        ...(options.endSignal === undefined ? {} : { killSignal: options.endSignal }),
        ...(options.endsChildren === true ? { detached: true } : {}),
      });
      if (options.endsChildren === true) endGroupWith(child, contextSignal);
      if (options.onStdout !== undefined) {
        const listen = options.onStdout;
        child.stdout.on("data", (chunk: Buffer) => listen(chunk.toString("utf8")));
      }
      const piped =
        options.output === undefined ? undefined : pipeline(child.stdout, options.output);
      // The output of an interrupted program may no longer have a reader.
      child.catch((error: unknown) => {
        if (error instanceof ExecaError && error.isCanceled) options.output?.destroy();
      });
      const [ended, flowed] = await Promise.allSettled([child, piped]);
      // A failing output stream ends the program too. Its error is the cause, unless it only saw a premature end.
      if (flowed.status === "rejected" && !isPrematureClose(flowed.reason)) throw flowed.reason;
      if (ended.status === "rejected") throw ended.reason;
      if (flowed.status === "rejected") throw flowed.reason;
      const { exitCode, stdout, stderr } = ended.value;
      return { exitCode: exitCode ?? 0, stdout: stdout ?? "", stderr };
    } catch (error) {
      if (
        error instanceof ExecaError &&
        error.exitCode !== undefined &&
        options.acceptExitCodes?.includes(error.exitCode) === true
      ) {
        return {
          exitCode: error.exitCode,
          stdout: options.output === undefined ? String(error.stdout) : "",
          stderr: String(error.stderr),
        };
      }
      const known = failure(file, args, { error, timeoutMs: options.timeoutMs });
      options.output?.destroy(known instanceof Error ? known : undefined);
      throw known;
    } finally {
      stdin?.destroy();
    }
  };
}

/** Time that a process group has to end before it is killed. */
const GROUP_END_MS = 2000;

/** Ends the process group of a program when the context is interrupted, and what is left of it when the program ends. */
function endGroupWith(
  child: { readonly pid?: number | undefined } & Pick<EventEmitter, "once">,
  interrupted: AbortSignal,
): void {
  const { pid } = child;
  if (pid === undefined) return;
  const kill = (signal: "SIGTERM" | "SIGKILL"): void => {
    try {
      process.kill(-pid, signal);
    } catch {
      // The group has ended already.
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    kill("SIGTERM");
    timer = setTimeout(() => kill("SIGKILL"), GROUP_END_MS);
  };
  if (interrupted.aborted) end();
  interrupted.addEventListener("abort", end, { once: true });
  child.once("exit", () => {
    interrupted.removeEventListener("abort", end);
    // At once, while its number can belong to no other group.
    clearTimeout(timer);
    kill("SIGKILL");
  });
}

/** Returns the signal that ends the program early: the context's, unless it is ignored, and the program's own. */
function cancelSignal(
  options: RunOptions,
  contextSignal: AbortSignal,
): { readonly cancelSignal?: AbortSignal } {
  const signals = [
    ...(options.ignoresInterrupt === true ? [] : [contextSignal]),
    ...(options.signal === undefined ? [] : [options.signal]),
  ];
  return signals.length === 0 ? {} : { cancelSignal: AbortSignal.any(signals) };
}

function isPrematureClose(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
}

function standardInput(
  options: RunOptions,
  file: ReadStream | undefined,
): { stdin: ReadStream | "ignore" } | { input: string | Uint8Array | Readable } {
  // The program gets the descriptor; no byte is read here.
  if (file !== undefined) return { stdin: file };
  return options.input === undefined ? { stdin: "ignore" } : { input: options.input };
}
