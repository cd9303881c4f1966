import type { RemovedFile } from "../../host/index.ts";
import { formatSize } from "../../lib/format-size.ts";

/** Returns one line for each deleted disk, with the amount that the VM had written to it. */
export function writtenLines(removed: readonly RemovedFile[]): readonly string[] {
  return removed.flatMap(({ disk, path, allocatedBytes }) =>
    disk === null || allocatedBytes === null
      ? []
      : [`disk ${disk}: ${path} is deleted (${formatSize(allocatedBytes)})`],
  );
}
