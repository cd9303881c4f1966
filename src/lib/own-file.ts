import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../errors.ts";
import { errnoOf, fileError } from "./atomic.ts";

const MAX_ATTEMPTS = 10;

/** A file that only this program writes, open for reading and writing. */
export interface OwnFile extends AsyncDisposable {
  readonly handle: FileHandle;
  /** Identifies the file, so that a replacement at the same path can be detected. */
  readonly identity: string;
  /** True if this call made it. */
  readonly isNew: boolean;
}

function refuse(file: string, fact: string): never {
  throw new ApplianceError("LIB_UNSAFE_PATH", `${file}: ${fact}`, {
    hint: "find out what created it, and remove it",
  });
}

/** Refuses a file that another user may have placed there: writing to it could overwrite the target of a link. */
async function requireOwn(stats: Stats, file: string): Promise<void> {
  if (!stats.isFile()) refuse(file, "not a regular file, expected one");
  if (stats.nlink !== 1) refuse(file, `has ${stats.nlink} names (hard links), expected one`);
  const owners = [process.geteuid?.(), (await lstat(path.dirname(file))).uid];
  if (!owners.includes(stats.uid)) {
    refuse(file, `belongs to user ${stats.uid}, expected ${[...new Set(owners)].join(" or ")}`);
  }
}

async function openOrMake(file: string, mode: number): Promise<[FileHandle, boolean]> {
  const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return [await open(file, flags | constants.O_CREAT | constants.O_EXCL, mode), true];
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
    }
    try {
      return [await open(file, flags), false];
    } catch (error) {
      // Another process may have just removed it.
      if (errnoOf(error) !== "ENOENT" || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/**
 * Opens a file that is written in place. Makes the file if it is missing. The file must be regular, have one hard link,
 * and belong to this user or to the owner of its folder. Symbolic links are not followed.
 *
 * @param options.mode  permissions of a new file, before the umask is applied
 * @throws ApplianceError `LIB_UNSAFE_PATH`, `LIB_IO`
 */
export async function openOwnFile(
  file: string,
  options: { readonly mode?: number } = {},
): Promise<OwnFile> {
  let handle: FileHandle | undefined;
  try {
    const [opened, isNew] = await openOrMake(file, options.mode ?? 0o644);
    handle = opened;
    const stats = await opened.stat();
    await requireOwn(stats, file);
    return {
      handle: opened,
      identity: await identityOf(opened),
      isNew,
      [Symbol.asyncDispose]: () => opened.close(),
    };
  } catch (error) {
    await handle?.close();
    if (errnoOf(error) === "ELOOP") refuse(file, "a symbolic link, expected a regular file");
    throw fileError(error, file);
  }
}

async function identityOf(handle: FileHandle): Promise<string> {
  const { dev, ino } = await handle.stat({ bigint: true });
  return `${dev}:${ino}`;
}

/** Returns the identity of the file at a path, as in {@link OwnFile}; undefined if there is no file. */
export async function identityAt(file: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await lstat(file, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw fileError(error, file);
  }
}
