import { stat } from "node:fs/promises";
import path from "node:path";
import { readCatalogue } from "../catalogue.ts";
import type { BaseFile, CatalogueEntry } from "../catalogue-entry.ts";
import type { HostPaths } from "../paths.ts";

/** An installed version of an appliance; the shape of `list --json`, which only grows. */
export interface ApplianceSummary {
  readonly name: string;
  readonly package: string;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  readonly label: string;
  /** Whether all its bases are in the pool. */
  readonly ready: boolean;
}

/** Answers every file that an entry has in the pool. */
export function baseFilesOf(entry: CatalogueEntry): readonly BaseFile[] {
  return [...entry.bases, entry.kernel, entry.initrd].filter((file) => file !== undefined);
}

async function isReady(entry: CatalogueEntry, paths: HostPaths): Promise<boolean> {
  for (const { file, bytes } of baseFilesOf(entry)) {
    const stats = await stat(path.join(paths.baseDir, file)).catch(() => undefined);
    if (stats?.size !== bytes) return false;
  }
  return true;
}

/** Lists what is installed, by name, newest first; libvirt is not asked. */
export async function listAppliances(paths: HostPaths): Promise<{
  readonly appliances: readonly ApplianceSummary[];
  readonly problems: readonly string[];
}> {
  const { entries, problems } = await readCatalogue(paths);
  const appliances = await Promise.all(
    entries.map(async (entry): Promise<ApplianceSummary> => {
      const { name, version, release, arch, label } = entry;
      const ready = await isReady(entry, paths);
      return { name, package: entry.package, version, release, arch, label, ready };
    }),
  );
  return { appliances, problems };
}
