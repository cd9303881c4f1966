import { lstat, realpath, rm } from "node:fs/promises";
import path from "node:path";
import type { BigIntStats } from "node:fs";
import type { Context } from "../lib/context.ts";
import type { ReleaseRequest } from "./plan-release.ts";

/** Files as they were before their packages were read. */
export type SourceFiles = ReadonlyMap<string, BigIntStats>;

/** Records the files that are to be removed; none if they are kept. Links are never removed. */
export async function recordSources(request: ReleaseRequest): Promise<SourceFiles> {
  const files = new Map<string, BigIntStats>();
  if (request.sources !== "removed") return files;
  for (const file of request.add ?? []) {
    const stats = await lstat(file, { bigint: true }).catch(() => undefined);
    if (stats?.isFile() === true) files.set(file, stats);
  }
  return files;
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}

async function isBelow(file: string, folder: string): Promise<boolean> {
  const relative = path.relative(await realpath(folder), await realpath(file));
  return relative !== ".." && !relative.startsWith("../");
}

/**
 * Removes files whose packages the repository now has, unless another file has their name or they are its own files.
 * Warns of what it keeps.
 *
 * @param folder  the repository
 */
export async function removeSources(
  files: SourceFiles,
  folder: string,
  context: Context,
): Promise<void> {
  for (const [file, before] of files) {
    try {
      if (await isBelow(file, folder)) {
        context.logger.warn(`${file}: is in the repository; not removed`);
        continue;
      }
      const now = await lstat(file, { bigint: true });
      if (isSame(before, now)) await rm(file);
      else context.logger.warn(`${file}: changed since it was added; not removed`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      context.logger.warn(`${file}: not removed: ${reason}`);
    }
  }
}
