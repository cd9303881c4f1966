import { type FileHandle, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { ApplianceError } from "../errors.ts";
import { fileError, makeFolder } from "./atomic.ts";
import type { Context } from "./context.ts";
import { throwIfInterrupted } from "./interrupt.ts";
import { identityAt, openOwnFile, type OwnFile } from "./own-file.ts";

/** Exit status of flock if the lock was not free in time. */
const CONFLICT_STATUS = 75;
/** Exit status of the shell if flock is not installed. */
const MISSING_STATUS = 127;
/**
 * Ctrl-C reaches every program of the terminal, but this process must hold the lock until it has cleaned up. A signal
 * that the shell ignores remains ignored in the program that it executes.
 */
const IGNORE_SIGNALS = 'trap "" INT HUP QUIT; exec "$@"';
const DEFAULT_WAIT_SECONDS = 60;
/** Maximum attempts to take a lock whose file is removed or replaced in the meantime. */
const MAX_ATTEMPTS = 10;

/** A lock. It is held until disposal or the end of this process, even if the process is killed. */
export interface Lock extends AsyncDisposable {
  /** Whether it is still held: the program that holds it for this process may have been killed. */
  readonly held: boolean;
}

/** Options for taking a lock. */
export interface LockOptions {
  /** Purpose of the lock, which waiting processes report: `repo add`. */
  readonly purpose: string;
  /** Maximum time to wait for another process; 0: do not wait. Default: 60. */
  readonly waitSeconds?: number | undefined;
}

const MAX_HOLDER_BYTES = 300;

async function describeHolder(handle: FileHandle): Promise<string> {
  const buffer = Buffer.alloc(MAX_HOLDER_BYTES);
  const { bytesRead } = await handle.read(buffer, 0, MAX_HOLDER_BYTES, 0);
  const line = buffer.toString("utf8", 0, bytesRead).trim();
  return line === "" ? "another process" : line;
}

/** Writes the holder of the lock into the locked file, for other processes to report. */
async function signIn({ handle }: OwnFile, purpose: string, now: Date): Promise<void> {
  const holder = `process ${process.pid} on ${os.hostname()} since ${now.toISOString()} (${purpose})\n`;
  await handle.truncate();
  await handle.write(holder, 0);
}

interface Attempt {
  readonly ended: Promise<number>;
  readonly taken: Promise<true>;
  readonly release: () => void;
}

/**
 * Starts the program that holds the lock. Node cannot lock files, so flock(1) runs `cat` under the lock. cat prints the
 * line from its input once the lock is taken, and ends when its input is closed; the kernel closes it even when this
 * process is killed. An interruption ends the wait but does not release the lock: the caller still has to clean up.
 */
function startHolder(handle: FileHandle, waitSeconds: number, context: Context): Attempt {
  // Locks the file that is open here, even if another file now has its name. Given the name, flock would follow a link.
  const file = `/proc/${process.pid}/fd/${handle.fd}`;
  const input = new PassThrough();
  input.write("taken\n");
  let onTaken: (value: true) => void = () => {};
  const taken = new Promise<true>((resolve) => (onTaken = resolve));
  const wait = waitSeconds === 0 ? ["--nonblock"] : ["--wait", String(waitSeconds)];
  const flock = ["flock", ...wait, "--conflict-exit-code", String(CONFLICT_STATUS), file, "cat"];
  const waiting = new AbortController();
  const stopWaiting = (): void => waiting.abort(context.signal.reason);
  if (context.signal.aborted) stopWaiting();
  context.signal.addEventListener("abort", stopWaiting);
  const endWaiting = (): void => context.signal.removeEventListener("abort", stopWaiting);
  const ended = context
    .run("sh", ["-c", IGNORE_SIGNALS, "sh", ...flock], {
      input,
      signal: waiting.signal,
      ignoresInterrupt: true,
      acceptExitCodes: [CONFLICT_STATUS, MISSING_STATUS],
      onStdout: () => {
        endWaiting();
        onTaken(true);
      },
    })
    .then(({ exitCode }) => exitCode)
    .finally(endWaiting);
  return { ended, taken, release: () => input.end() };
}

/** Opens the lock file. Makes the file and its folder if they are missing. */
async function prepareFile(file: string): Promise<OwnFile> {
  const made = await makeFolder(path.dirname(file));
  try {
    // Without write permission on an existing lock file the lock is refused.
    return await openOwnFile(file);
  } catch (error) {
    await made[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Takes a lock on a file and returns the lock. Makes the file if it is missing.
 *
 * @param file  its folder is made too; both are kept when the lock is released. The holder of the lock may remove them:
 *   waiting processes notice the removal and try again
 * @throws ApplianceError `LIB_LOCKED` with the holder when another process still holds the lock after the waiting time,
 *   `LIB_UNSAFE_PATH` when the file is a link or has another owner, `LIB_EXEC_MISSING` without flock(1),
 *   `LIB_INTERRUPTED`
 */
export async function takeLock(
  file: string,
  options: LockOptions,
  context: Context,
): Promise<Lock> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const lock = await takeOnce(file, options, context);
    if (lock !== undefined) return lock;
  }
  throw new ApplianceError(
    "LIB_LOCKED",
    `${file}: replaced ${MAX_ATTEMPTS} times by other processes, expected an unchanged lock file`,
    { hint: "wait until they have ended, and try again" },
  );
}

/**
 * Locks a file that is open, in any mode. The lock belongs to the file, not to its name: the caller has to check that
 * the file is still the one at its path.
 *
 * @param file  its name in messages
 * @param options.describe  returns the holder, for messages. Default: `another process`
 * @throws ApplianceError `LIB_LOCKED` after the waiting time, `LIB_EXEC_MISSING` without flock(1), `LIB_INTERRUPTED`
 */
export async function lockOpenFile(
  handle: FileHandle,
  file: string,
  options: {
    readonly waitSeconds?: number | undefined;
    readonly describe?: () => Promise<string>;
    readonly context: Context;
  },
): Promise<Lock> {
  const { waitSeconds = DEFAULT_WAIT_SECONDS, context } = options;
  const describe = options.describe ?? (async (): Promise<string> => "another process");
  let attempt = startHolder(handle, 0, context);
  let outcome = await Promise.race([attempt.ended, attempt.taken]);
  if (outcome === CONFLICT_STATUS && waitSeconds > 0) {
    context.logger.info(`waiting for ${await describe()}`);
    attempt = startHolder(handle, waitSeconds, context);
    outcome = await Promise.race([attempt.ended, attempt.taken]);
  }
  if (outcome === MISSING_STATUS) {
    throw new ApplianceError("LIB_EXEC_MISSING", "flock: not installed", {
      hint: "install the package util-linux",
    });
  }
  if (outcome !== true) {
    throw new ApplianceError("LIB_LOCKED", `${file}: locked by ${await describe()}`, {
      hint: "wait until it has ended, and try again",
    });
  }
  const { ended, release } = attempt;
  let held = true;
  const over = ended.then(
    () => (held = false),
    () => (held = false),
  );
  return {
    get held(): boolean {
      return held;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      release();
      await over;
    },
  };
}

/** Returns the lock; undefined if the locked file is no longer the file at this path. */
async function takeOnce(
  file: string,
  options: LockOptions,
  context: Context,
): Promise<Lock | undefined> {
  await using own = await prepareFile(file);
  const { waitSeconds } = options;
  const describe = (): Promise<string> => describeHolder(own.handle);
  const lock = await lockOpenFile(own.handle, file, { waitSeconds, describe, context });
  try {
    // After an interruption at this moment, the program that holds the lock may already be ending.
    throwIfInterrupted(context.signal, file);
    if (own.identity === (await identityAt(file))) {
      await signIn(own, options.purpose, context.now());
      return lock;
    }
  } catch (error) {
    if (own.isNew && lock.held) await rm(file, { force: true }).catch(() => undefined);
    // Otherwise the program that holds the lock, and this process, would never end.
    await lock[Symbol.asyncDispose]();
    throw fileError(error, file);
  }
  await lock[Symbol.asyncDispose]();
  return undefined;
}
