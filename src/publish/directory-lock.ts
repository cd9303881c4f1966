import { lstat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../errors.ts";
import { fileError, makeFolder, type MadeFolders } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { type Lock, takeLock } from "../lib/lock.ts";
import { FOLDER_MODE, setFolderMode } from "./directory-effects.ts";
import { LOCK, PRIVATE_FOLDER } from "./layout.ts";
import type { StoreLockOptions } from "./store.ts";

/** A link in place of the private folder could lead to another user's files. */
async function refuseLink(own: string): Promise<void> {
  const stats = await lstat(own).catch(() => undefined);
  if (stats?.isDirectory() === false) {
    throw new ApplianceError("LIB_UNSAFE_PATH", `${own}: not a folder, expected one`, {
      hint: "find out what created it, and remove it",
    });
  }
}

/** Makes the private folder of a new store, and the missing folders above it. The umask does not apply. */
async function makeOwnFolder(own: string): Promise<MadeFolders> {
  const folders = await makeFolder(own, { mode: FOLDER_MODE });
  try {
    for (const folder of folders.made) await setFolderMode(folder);
    return folders;
  } catch (error) {
    await folders[Symbol.asyncDispose]();
    throw fileError(error, own);
  }
}

/**
 * Takes the lock of a directory store.
 *
 * @throws ApplianceError `LIB_UNSAFE_PATH`, or as `takeLock`
 */
export async function lockDirectory(
  folder: string,
  options: StoreLockOptions,
  context: Context,
): Promise<Lock> {
  const { isNew = false, ...how } = options;
  const own = path.join(folder, PRIVATE_FOLDER);
  const made = isNew ? await makeOwnFolder(own) : undefined;
  try {
    await refuseLink(own);
    const lock = await takeLock(path.join(folder, LOCK), how, context);
    if (made === undefined) return lock;
    return {
      get held(): boolean {
        return lock.held;
      },
      async [Symbol.asyncDispose](): Promise<void> {
        await lock[Symbol.asyncDispose]();
        await made[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await made?.[Symbol.asyncDispose]();
    throw error;
  }
}
