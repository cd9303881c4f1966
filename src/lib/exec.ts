import type { ReadStream } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { execa, ExecaError } from "execa";
import { ApplianceError } from "../errors.ts";
import { fileError } from "./atomic.ts";
import { openPlainFile } from "./plain-file.ts";

/** How an external program is run. */
export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Working folder of the program. */
  readonly cwd?: string;
  /** Text or bytes for its standard input; without it standard input is empty. */
  readonly input?: string | Uint8Array | Readable;
  /** A file for its standard input, handed over as a descriptor: no byte passes through this process. */
  readonly inputFile?: string;
  /**
   * Where standard output goes as it comes, with back pressure, instead of being kept; `stdout` of the result is
   * then empty. The stream is ended with the program's output, before its status is known, and destroyed on failure.
   */
  readonly output?: Writable;
  /** Exit statuses that are an answer and not a failure; 0 always is. */
  readonly acceptExitCodes?: readonly number[];
  /** Variables added to the C locale and the PATH, which is all a program gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** The program is ended after this long. */
  readonly timeoutMs?: number;
  /** Called for each chunk of standard output, for programs that report their progress there. */
  readonly onStdout?: (chunk: string) => void;
  /** Most bytes of output kept; 64 MiB unless told. */
  readonly maxBuffer?: number;
  /** How the program is ended when it has to be; SIGTERM unless told. */
  readonly endSignal?: "SIGTERM" | "SIGINT";
  /** Whether the program goes on when the context is interrupted: for what takes back a half-done change. */
  readonly ignoresInterrupt?: boolean;
}

/** What an external program answered. */
export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program with an argument vector, never through a shell, and returns its output as text.
 *
 * @throws ApplianceError `LIB_EXEC_MISSING` when there is no such program, `LIB_EXEC_FAILED` when it ends with
 *   a status that was not asked for, or takes longer than told, `LIB_INTERRUPTED` when the signal was aborted
 */
export type Run = (
  file: string,
  args: readonly string[],
  options?: RunOptions,
) => Promise<RunResult>;

/** Where programs are looked for when the environment does not say. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Debian's package for each program we call, for the hint when it is missing. */
const packages: Readonly<Record<string, string>> = {
  "qemu-img": "qemu-utils (Debian) or qemu-img (Fedora)",
  virsh: "libvirt-clients (Debian) or libvirt-client (Fedora)",
  "virt-install": "virtinst (Debian) or virt-install (Fedora)",
  flock: "util-linux",
  zstd: "zstd",
  xz: "xz-utils (Debian) or xz (Fedora)",
  bzip2: "bzip2",
};

function failure(file: string, args: readonly string[], error: unknown): unknown {
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
  // The program was not even started: no process, no descriptor is left.
  const refusal = fileError(error.cause, file);
  if (refusal instanceof ApplianceError) return refusal;
  const stderr = typeof rawStderr === "string" ? rawStderr.trim() : "";
  const seconds = (error.durationMs / 1000).toFixed(0);
  const how = error.timedOut
    ? `did not end within ${seconds} seconds`
    : error.exitCode === undefined
      ? `was ended by ${error.signal ?? "an unknown cause"}`
      : `ended with status ${error.exitCode}, expected 0`;
  return new ApplianceError("LIB_EXEC_FAILED", `${file}: ${how}: ${[file, ...args].join(" ")}`, {
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
      });
      if (options.onStdout !== undefined) {
        const listen = options.onStdout;
        child.stdout.on("data", (chunk: Buffer) => listen(chunk.toString("utf8")));
      }
      const piped =
        options.output === undefined ? undefined : pipeline(child.stdout, options.output);
      // Nobody may be reading any more what an interrupted program had written.
      child.catch((error: unknown) => {
        if (error instanceof ExecaError && error.isCanceled) options.output?.destroy();
      });
      const [ended, flowed] = await Promise.allSettled([child, piped]);
      // A sink that fails ends the program as well: its reason is the cause, unless it only saw the end come early.
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
      const known = failure(file, args, error);
      options.output?.destroy(known instanceof Error ? known : undefined);
      throw known;
    } finally {
      stdin?.destroy();
    }
  };
}

/** What ends the program early: the context's signal, unless it is to be ignored, and one of its own. */
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
