import { type FileHandle, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { ApplianceError } from "../errors.ts";
import { fileError, makeFolder } from "./atomic.ts";
import type { Context } from "./context.ts";
import { throwIfInterrupted } from "./interrupt.ts";
import { identityAt, openOwnFile, type OwnFile } from "./own-file.ts";

/** Exit status by which flock says that it waited in vain. */
const CONFLICT_STATUS = 75;
/** Exit status by which the shell says that there is no flock. */
const MISSING_STATUS = 127;
/**
 * Ctrl-C reaches every program of the terminal, but we go on for as long as it takes to clean up, and hold the lock
 * for it: what is ignored here stays so in the program that takes the shell's place.
 */
const IGNORE_SIGNALS = 'trap "" INT HUP QUIT; exec "$@"';
const DEFAULT_WAIT_SECONDS = 60;
/** How often a lock is sought whose file was removed meanwhile. */
const MAX_ATTEMPTS = 10;

/** A lock that is held until it is disposed of, or this process ends, however it ends. */
export interface Lock extends AsyncDisposable {
  /** Whether it is still held: the program that holds it for us may have been ended by somebody. */
  readonly held: boolean;
}

/** How a lock is taken. */
export interface LockOptions {
  /** What the lock is for, as the others read it: `repo add`. */
  readonly purpose: string;
  /** How long to wait for another process; a minute unless told, 0 for not at all. */
  readonly waitSeconds?: number;
}

const MAX_HOLDER_BYTES = 300;

async function describeHolder(handle: FileHandle): Promise<string> {
  const buffer = Buffer.alloc(MAX_HOLDER_BYTES);
  const { bytesRead } = await handle.read(buffer, 0, MAX_HOLDER_BYTES, 0);
  const line = buffer.toString("utf8", 0, bytesRead).trim();
  return line === "" ? "another process" : line;
}

/** Writes who holds the lock into the locked file, for others to read. */
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
 * Node cannot lock files, so flock(1) holds the lock around `cat`: cat gives back our line once the lock is taken, and
 * ends when our end of its input is closed, which the kernel does even when this process is killed. An interruption
 * ends the waiting, but not the holding: whoever is interrupted has yet to clean up.
 */
function startHolder(own: OwnFile, waitSeconds: number, context: Context): Attempt {
  // The file that is open here, whatever has its name by now: flock itself would follow a link.
  const file = `/proc/${process.pid}/fd/${own.handle.fd}`;
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

/** Opens the file that is locked, and makes it, and its folder, when they are missing. */
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
 * Takes a lock on a file, which is made when it is missing, and returns it.
 *
 * @param file  its folder is made too; both stay behind when the lock is released. Who holds the lock may remove them:
 *   others that waited for it notice, and start anew
 * @throws ApplianceError `LIB_LOCKED` naming the holder when another process keeps the lock for longer than is waited,
 *   `LIB_UNSAFE_PATH` when the file is a link or somebody else's, `LIB_EXEC_MISSING` without flock(1), `LIB_INTERRUPTED`
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

/** Returns the lock; undefined when what is locked is no longer what others find under the name. */
async function takeOnce(
  file: string,
  options: LockOptions,
  context: Context,
): Promise<Lock | undefined> {
  await using own = await prepareFile(file);
  const waitSeconds = options.waitSeconds ?? DEFAULT_WAIT_SECONDS;
  let attempt = startHolder(own, 0, context);
  let outcome = await Promise.race([attempt.ended, attempt.taken]);
  if (outcome === CONFLICT_STATUS && waitSeconds > 0) {
    context.logger.info(`waiting for ${await describeHolder(own.handle)}`);
    attempt = startHolder(own, waitSeconds, context);
    outcome = await Promise.race([attempt.ended, attempt.taken]);
  }
  if (outcome === MISSING_STATUS) {
    throw new ApplianceError("LIB_EXEC_MISSING", "flock: not installed", {
      hint: "install the package util-linux",
    });
  }
  if (outcome !== true) {
    throw new ApplianceError(
      "LIB_LOCKED",
      `${file}: locked by ${await describeHolder(own.handle)}`,
      {
        hint: "wait until it has ended, and try again",
      },
    );
  }
  const { ended, release } = attempt;
  let held = true;
  const over = ended.then(
    () => (held = false),
    () => (held = false),
  );
  const lock = {
    get held(): boolean {
      return held;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      release();
      await over;
    },
  };
  try {
    // Interrupted just then, the program that holds it may be on its end already.
    throwIfInterrupted(context.signal, file);
    if (own.identity === (await identityAt(file))) {
      await signIn(own, options.purpose, context.now());
      return lock;
    }
  } catch (error) {
    if (own.isNew && lock.held) await rm(file, { force: true }).catch(() => undefined);
    // The program that holds it would keep it, and us, for ever.
    await lock[Symbol.asyncDispose]();
    throw fileError(error, file);
  }
  await lock[Symbol.asyncDispose]();
  return undefined;
}
