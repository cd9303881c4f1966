import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../errors.ts";
import { errnoOf, fileError } from "./atomic.ts";

const MAX_ATTEMPTS = 10;

/** A file of ours, open for reading and writing. */
export interface OwnFile extends AsyncDisposable {
  readonly handle: FileHandle;
  /** Tells the file from another one that takes its place. */
  readonly identity: string;
  /** True if this call made it. */
  readonly isNew: boolean;
}

function refuse(file: string, fact: string): never {
  throw new ApplianceError("LIB_UNSAFE_PATH", `${file}: ${fact}`, {
    hint: "find out what created it, and remove it",
  });
}

/** Writing into a file that somebody else placed there would overwrite what it stands for. */
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
      // Its last user may have removed it just now.
      if (errnoOf(error) !== "ENOENT" || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/**
 * Opens a file that is written in place, and makes it when it is missing. Only a regular file with one name is taken
 * that belongs to this user or to the owner of its folder; a symbolic link is never followed.
 *
 * @param options.mode  permissions of a new file, less the umask
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

/** Returns what tells a file from another one of its name, as in {@link OwnFile}; undefined when there is none. */
export async function identityAt(file: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await lstat(file, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw fileError(error, file);
  }
}
