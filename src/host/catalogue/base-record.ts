import type { BigIntStats } from "node:fs";
import path from "node:path";
import { readPlainText } from "../../lib/plain-file.ts";
import type { HostPaths } from "../access/paths.ts";

/** The record of a base, written when its digest was computed. */
export interface BaseRecord {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly inode: number;
  /** Modification time in seconds and nanoseconds, as printed by `stat -c %.9Y`. */
  readonly mtime: string;
  /** Unchanged text of the record. */
  readonly text: string;
}

/** Returns the path of a base's record, which `reconcile` also writes. */
export function baseRecordFile(paths: HostPaths, file: string): string {
  return path.join(paths.stateDir, "bases", file);
}

/** Reads the record of a base; undefined if it is missing or unusable. */
export async function readBaseRecord(
  paths: HostPaths,
  file: string,
): Promise<BaseRecord | undefined> {
  const text = await readPlainText(baseRecordFile(paths, file)).catch(() => "");
  const values = new Map(
    text.split("\n").map((line) => {
      const equals = line.indexOf("=");
      return [line.slice(0, Math.max(equals, 0)), line.slice(equals + 1)] as const;
    }),
  );
  const count = (key: string): number => Number(values.get(key) ?? NaN);
  const sha256 = values.get("sha256") ?? "";
  const numbers = { bytes: count("bytes"), inode: count("inode") };
  const mtime = values.get("mtime") ?? "";
  const isWhole =
    /^[0-9a-f]{64}$/.test(sha256) &&
    Object.values(numbers).every((n) => Number.isSafeInteger(n)) &&
    /^-?\d+(\.\d+)?$/.test(mtime);
  return isWhole ? { sha256, ...numbers, mtime, text } : undefined;
}

/** Returns the text of a record, in the same form as `reconcile`. */
export function renderBaseRecord(sha256: string, stats: BigIntStats): string {
  return `sha256=${sha256}\nbytes=${stats.size}\ninode=${stats.ino}\nmtime=${mtimeOf(stats)}\n`;
}

/**
 * Returns whether a file is unchanged since its record was written. The change time (ctime) is ignored: libvirt changes
 * the owner of a base while a VM runs, and removing a package removes a hard link.
 */
export function matchesRecord(record: BaseRecord, stats: BigIntStats): boolean {
  return (
    BigInt(record.bytes) === stats.size &&
    BigInt(record.inode) === stats.ino &&
    record.mtime === mtimeOf(stats)
  );
}

function mtimeOf({ mtimeNs }: BigIntStats): string {
  // Times before 1970 are not valid.
  const text = String(mtimeNs).padStart(10, "0");
  return `${text.slice(0, -9)}.${text.slice(-9)}`;
}
