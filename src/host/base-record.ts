import type { BigIntStats } from "node:fs";
import path from "node:path";
import { readPlainText } from "../lib/plain-file.ts";
import type { HostPaths } from "./paths.ts";

/** What was written down about a base when its digest was taken. */
export interface BaseRecord {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly inode: number;
  /** Time of modification: seconds and nanoseconds, as `stat -c %.9Y` tells. */
  readonly mtime: string;
  /** As it stands. */
  readonly text: string;
}

/** Returns where the record of a base is; `reconcile` writes it too. */
export function baseRecordFile(paths: HostPaths, file: string): string {
  return path.join(paths.stateDir, "bases", file);
}

/** Reads the record of a base; undefined when there is none that can be used. */
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

/** Returns the text of a record; the one that `reconcile` writes is the same. */
export function renderBaseRecord(sha256: string, stats: BigIntStats): string {
  return `sha256=${sha256}\nbytes=${stats.size}\ninode=${stats.ino}\nmtime=${mtimeOf(stats)}\n`;
}

/**
 * Returns whether a file is as it was when its record was written. The time of change is not looked at: libvirt
 * changes the owner of a base while a VM runs, and a package that goes takes a hard link with it.
 */
export function matchesRecord(record: BaseRecord, stats: BigIntStats): boolean {
  return (
    BigInt(record.bytes) === stats.size &&
    BigInt(record.inode) === stats.ino &&
    record.mtime === mtimeOf(stats)
  );
}

function mtimeOf({ mtimeNs }: BigIntStats): string {
  // Before 1970 nothing was unpacked.
  const text = String(mtimeNs).padStart(10, "0");
  return `${text.slice(0, -9)}.${text.slice(-9)}`;
}
