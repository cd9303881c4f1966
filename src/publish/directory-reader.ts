import { lstat, readdir, realpath } from "node:fs/promises";
import path from "node:path";
import { errnoOf, fileError, namesIn } from "../lib/atomic.ts";
import { digestFile } from "../lib/bytes/digest.ts";
import { findPlainFile, type ReadLimit } from "../lib/plain-file.ts";
import { safeRelativePath } from "../lib/safe-path.ts";
import { examinePlaces } from "./directory-places.ts";
import type { ReadOptions, StoreReader } from "./store.ts";

/** The most that is read of a small file: a pointer, a record, a signature. */
const MAX_SMALL_BYTES = 16 * 1024 * 1024;

function readLimit({ expectedBytes = 0 }: ReadOptions = {}): ReadLimit {
  return { maxBytes: Math.max(expectedBytes, MAX_SMALL_BYTES) };
}

/** Returns `value` if the file does not exist. */
export async function absentIs<T>(value: T, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return value;
    throw error;
  }
}

/** Runs an operation on a file of a directory; errors name the file. */
export async function onFile<T>(
  folder: string,
  relative: string,
  work: (absolute: string) => Promise<T>,
): Promise<T> {
  const absolute = path.join(folder, safeRelativePath(relative, folder));
  try {
    return await work(absolute);
  } catch (error) {
    throw fileError(error, absolute);
  }
}

/** Returns the read operations of a directory store. */
export function readDirectory(folder: string): StoreReader {
  const placeOf = (relative: string): Promise<string | undefined> =>
    onFile(folder, relative, (file) => realpath(file).catch(() => undefined));
  return {
    read: (relative, options) =>
      onFile(folder, relative, (file) => findPlainFile(file, readLimit(options))),
    size: (relative) =>
      onFile(folder, relative, async (file) => {
        const stats = await absentIs(undefined, lstat(file));
        return stats?.isFile() === true ? stats.size : undefined;
      }),
    digest: (relative, options) => onFile(folder, relative, (file) => digestFile(file, options)),
    list: async (relative) =>
      relative === ""
        ? [...(await namesIn(folder))].sort()
        : onFile(folder, relative, async (one) => [...(await absentIs([], readdir(one)))].sort()),
    async isShared(from, to): Promise<boolean> {
      const shared = await placeOf(from);
      return shared !== undefined && shared === (await placeOf(to));
    },
    examine: (places) => examinePlaces(folder, places),
  };
}
