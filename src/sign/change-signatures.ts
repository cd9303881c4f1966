import { lstat, realpath, stat } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { throwIfInterrupted } from "../lib/interrupt.ts";
import { type Lock, lockOpenFile } from "../lib/lock.ts";
import { openPlainFile } from "../lib/plain-file.ts";
import {
  type HeaderSignature,
  readRpm,
  replaceSignatures,
  rewriteSignatures,
  type RpmPackage,
} from "../rpm/index.ts";

/** How often a package may be replaced by other processes while this one waits for it. */
const MAX_ATTEMPTS = 10;

/** A package whose signatures were changed. */
export interface ChangedPackage {
  /** As it was before. */
  readonly before: RpmPackage;
  readonly after: RpmPackage;
  /** True if the file was replaced: it had no room for the signatures, or had other names. */
  readonly rewritten: boolean;
}

/** Returns the lock; undefined if another process has replaced the file in the meantime. */
async function lockOnce(path: string, context: Context): Promise<Lock | undefined> {
  const target = await realpath(path);
  const handle = await openPlainFile(target);
  try {
    const own = await handle.stat({ bigint: true });
    const lock = await lockOpenFile(handle, path, { context });
    const { dev, ino } = await lstat(target, { bigint: true }).catch(() => own);
    if (dev === own.dev && ino === own.ino) return lock;
    await lock[Symbol.asyncDispose]();
    return undefined;
  } finally {
    await handle.close();
  }
}

/** Locks a package against other processes that sign it, and against no others. */
async function lockPackage(path: string, context: Context): Promise<Lock> {
  try {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const lock = await lockOnce(path, context);
      if (lock !== undefined) return lock;
    }
  } catch (error) {
    throw fileError(error, path);
  }
  throw new ApplianceError("LIB_LOCKED", `${path}: replaced ${MAX_ATTEMPTS} times while waiting`, {
    hint: "wait until the other processes have ended, and try again",
  });
}

/** Returns false, with the package unchanged, if its signatures cannot be changed in place. */
async function replaceInPlace(
  path: string,
  signatures: readonly HeaderSignature[],
): Promise<boolean> {
  try {
    const { nlink } = await lstat(await realpath(path));
    if (nlink > 1) return false;
    await replaceSignatures(path, signatures);
    return true;
  } catch (error) {
    if (error instanceof ApplianceError && error.code === "RPM_NO_SIGNATURE_SPACE") return false;
    throw fileError(error, path);
  }
}

/** What changes with the content of a file: whether it is the same file, its size, and when it was last written. */
type FileMark = string;

async function markOf(path: string): Promise<FileMark> {
  const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
  return [dev, ino, size, mtimeNs].join(" ");
}

/** Refuses to put signatures into a package that a program without the lock has changed, or built again, meanwhile. */
async function refuseChanged(before: RpmPackage, mark: FileMark): Promise<void> {
  const now = await readRpm(before.path);
  const isSame =
    (await markOf(before.path)) === mark &&
    now.signature.raw.equals(before.signature.raw) &&
    now.header.raw.equals(before.header.raw);
  if (isSame) return;
  throw new ApplianceError("RPM_INPUT_CHANGED", `${before.path}: changed while it was signed`, {
    hint: "wait until the other program has ended, and sign it again",
  });
}

/**
 * Changes the signatures of a package: in place if there is room, otherwise in a new file that replaces the old one. Other
 * processes that do the same wait, so that none overwrites what it has not seen.
 *
 * @param plan  returns the new signatures; the package is unchanged if it throws
 * @throws ApplianceError `LIB_LOCKED`, `LIB_INTERRUPTED`, `LIB_NO_SPACE`, `LIB_IO`; `RPM_MALFORMED`;
 *   `RPM_INPUT_CHANGED` if another program changes the package; `RPM_NO_SIGNATURE_SPACE` if the signature header would become too large
 */
export async function changeSignatures(
  path: string,
  plan: (rpm: RpmPackage) => Promise<readonly HeaderSignature[]>,
  context: Context,
): Promise<ChangedPackage> {
  await using _lock = await lockPackage(path, context);
  const mark = await markOf(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
  const before = await readRpm(path);
  const signatures = await plan(before);
  throwIfInterrupted(context.signal, path);
  await refuseChanged(before, mark);
  const rewritten = !(await replaceInPlace(path, signatures));
  if (rewritten) await rewriteSignatures(path, signatures, context);
  return { before, after: await readRpm(path), rewritten };
}
