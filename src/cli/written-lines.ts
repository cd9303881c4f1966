import type { RemovedFile } from "../host/index.ts";
import { formatSize } from "../lib/format-size.ts";

/** Returns how much a VM had written to disks that are deleted, a line for each. */
export function writtenLines(removed: readonly RemovedFile[]): readonly string[] {
  return removed.flatMap(({ disk, path, allocatedBytes }) =>
    disk === null || allocatedBytes === null
      ? []
      : [`disk ${disk}: ${path} is deleted (${formatSize(allocatedBytes)})`],
  );
}
