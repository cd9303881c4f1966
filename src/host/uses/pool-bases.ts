import { lstat, readdir, stat } from "node:fs/promises";
import type { BigIntStats } from "node:fs";
import path from "node:path";
import { fileError } from "../../lib/atomic.ts";
import {
  type BaseRecord,
  baseRecordFile,
  matchesRecord,
  readBaseRecord,
} from "../catalogue/base-record.ts";
import type { HostPaths } from "../access/paths.ts";

/** A file in the base folder. */
export interface PoolBase {
  /** Plain name. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  /** Space that it takes. */
  readonly allocatedBytes: number;
  readonly inode: number;
  readonly device: number;
  /** Last time of its creation, a change of its owner, or its use; milliseconds. */
  readonly lastSeenMs: number;
  /** Its record, which shows that virt-appliance made it; undefined without one. */
  readonly record: BaseRecord | undefined;
  /** True if it matches its record. */
  readonly isAsRecorded: boolean;
}

async function describe(paths: HostPaths, file: string, stats: BigIntStats): Promise<PoolBase> {
  const record = await readBaseRecord(paths, file);
  const recordStats = await stat(baseRecordFile(paths, file)).catch(() => undefined);
  return {
    file,
    path: path.join(paths.baseDir, file),
    allocatedBytes: Number(stats.blocks) * 512,
    inode: Number(stats.ino),
    device: Number(stats.dev),
    // Removing the payload's hard link with the package changes the change time (ctime).
    lastSeenMs: Math.max(Number(stats.ctimeMs), recordStats?.mtimeMs ?? 0),
    record,
    isAsRecorded: record !== undefined && matchesRecord(record, stats),
  };
}

/** Lists the files in the base folder, by name, without hidden files, links and folders. */
export async function listPoolBases(paths: HostPaths): Promise<readonly PoolBase[]> {
  const names = await readdir(paths.baseDir).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw fileError(error, paths.baseDir);
  });
  const bases: PoolBase[] = [];
  for (const file of names.filter((name) => !name.startsWith(".")).sort()) {
    const stats = await lstat(path.join(paths.baseDir, file), { bigint: true }).catch(
      () => undefined,
    );
    if (stats?.isFile() === true) bases.push(await describe(paths, file, stats));
  }
  return bases;
}
