import { stat, statfs } from "node:fs/promises";
import { formatSizes } from "../../lib/format-size.ts";
import type { LocalHost } from "../access/local-host.ts";
import type { Finding } from "./finding.ts";

const GIB = 1024 ** 3;

/** Space on a file system. */
export interface Space {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Returns whether VMs on it may soon run out of space: overlays grow when they are written to. */
export function isLow({ freeBytes, totalBytes }: Space): boolean {
  return freeBytes < GIB || (freeBytes < totalBytes / 20 && freeBytes < 50 * GIB);
}

/** Finds nearly full file systems of bases, disks and records. Reports each file system once. */
export async function checkSpace(
  host: LocalHost,
  measure: (folder: string) => Promise<Space> = measureFolder,
): Promise<readonly Finding[]> {
  const { baseDir, diskDir, stateDir } = host.paths;
  const findings: Finding[] = [];
  const seen = new Set<number>();
  for (const folder of [baseDir, diskDir, stateDir]) {
    const stats = await stat(folder).catch(() => undefined);
    if (stats === undefined || seen.has(stats.dev)) continue;
    seen.add(stats.dev);
    const space = await measure(folder);
    if (!isLow(space)) continue;
    const [free, total] = formatSizes(space.freeBytes, space.totalBytes);
    findings.push({
      severity: "warning",
      code: "space-low",
      subject: folder,
      what: `has ${free} free of ${total}: VMs pause when they cannot write`,
      todo: "run virt-appliance gc, or free some space",
      repair: null,
    });
  }
  return findings;
}

async function measureFolder(folder: string): Promise<Space> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
