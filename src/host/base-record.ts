import { readFile } from "node:fs/promises";
import { baseRecordFile } from "./base.ts";
import type { HostPaths } from "./paths.ts";

/** What was written down about a base when its digest was taken. */
export interface BaseRecord {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly inode: number;
  readonly mtimeSeconds: number;
  /** As it stands. */
  readonly text: string;
}

/** Reads the record of a base; undefined when there is none that can be used. */
export async function readBaseRecord(
  paths: HostPaths,
  file: string,
): Promise<BaseRecord | undefined> {
  const text = await readFile(baseRecordFile(paths, file), "utf8").catch(() => "");
  const values = new Map(
    text.split("\n").map((line) => {
      const equals = line.indexOf("=");
      return [line.slice(0, Math.max(equals, 0)), line.slice(equals + 1)] as const;
    }),
  );
  const count = (key: string): number => Number(values.get(key) ?? NaN);
  const sha256 = values.get("sha256") ?? "";
  const record = { bytes: count("bytes"), inode: count("inode"), mtimeSeconds: count("mtime") };
  const isWhole =
    /^[0-9a-f]{64}$/.test(sha256) && Object.values(record).every((n) => Number.isSafeInteger(n));
  return isWhole ? { sha256, ...record, text } : undefined;
}

/** Answers whether a file is as it was when its record was written. */
export function matchesRecord(
  record: BaseRecord,
  stats: { readonly size: number; readonly ino: number; readonly mtimeMs: number },
): boolean {
  return (
    record.bytes === stats.size &&
    record.inode === stats.ino &&
    record.mtimeSeconds === Math.floor(stats.mtimeMs / 1000)
  );
}
