import type { RemovedFile } from "../host/index.ts";
import { formatSize } from "../lib/format-size.ts";

/** Answers how much a VM had written to disks that go, a line for each. */
export function writtenLines(removed: readonly RemovedFile[]): readonly string[] {
  return removed.flatMap(({ disk, path, allocatedBytes }) =>
    disk === null || allocatedBytes === null
      ? []
      : [`disk ${disk}: ${path} takes ${formatSize(allocatedBytes)}, and goes`],
  );
}
