import { lstat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { takeLock } from "../lib/lock.ts";
import type { Lock, LockOptions } from "../lib/lock.ts";
import { layout } from "../publish/index.ts";

/** Path of the lock below the repository's root. */
export const LOCK_PATH: string = `${layout.PRIVATE_FOLDER}/lock`;

/**
 * Takes the lock of a repository. Behind a link in place of its private folder everything would be somebody else's.
 *
 * @throws ApplianceError `LIB_UNSAFE_PATH`, or as `takeLock`
 */
export async function takeRepositoryLock(
  folder: string,
  options: LockOptions,
  context: Context,
): Promise<Lock> {
  const own = path.join(folder, layout.PRIVATE_FOLDER);
  const stats = await lstat(own).catch(() => undefined);
  if (stats?.isDirectory() === false) {
    throw new ApplianceError("LIB_UNSAFE_PATH", `${own}: not a folder, expected one`, {
      hint: "see who put it there, and remove it",
    });
  }
  return takeLock(path.join(folder, LOCK_PATH), options, context);
}
