import { readdir } from "node:fs/promises";
import path from "node:path";
import { findPlainText } from "../../lib/plain-file.ts";
import { readCatalogue } from "../catalogue/catalogue.ts";
import { type HostPaths, journalDir } from "../access/paths.ts";
import { baseFilesOf } from "../catalogue/catalogue-entry.ts";
import type { WatchedBase } from "./image-walk.ts";
import type { UseLedger } from "./use-ledger.ts";

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Returns the names in a folder; empty if it does not exist. Notes an obstacle if it cannot be read. */
async function namesIn(folder: string, ledger: UseLedger): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (!isMissing(error)) ledger.obstacle(`${folder}: cannot be read`);
    return [];
  });
}

/**
 * Notes the bases of installed packages: those in a catalogue entry, and those with the entry's name, which also covers
 * incomplete and damaged entries.
 */
export async function notePackages(
  bases: readonly WatchedBase[],
  paths: HostPaths,
  ledger: UseLedger,
): Promise<void> {
  for (const entry of await namesIn(paths.catalogueDir, ledger)) {
    for (const { file } of bases)
      if (file.startsWith(`${entry}-`)) ledger.mention(file, `package ${entry}`);
  }
  const { entries } = await readCatalogue(paths).catch(() => ({ entries: [] }));
  for (const entry of entries) {
    const id = `${entry.package}-${entry.version}-${entry.release}`;
    for (const { file } of baseFilesOf(entry)) ledger.mention(file, `package ${id}`);
  }
}

/** Notes the bases in running or interrupted operations. */
export async function noteOperations(
  paths: HostPaths,
  ledger: UseLedger,
  ownVerb: string,
): Promise<void> {
  const folder = journalDir(paths);
  for (const name of await namesIn(folder, ledger)) {
    if (!name.endsWith(".json") || name.includes(`-${ownVerb}-`)) continue;
    const file = path.join(folder, name);
    const text = await findPlainText(file).catch(() => {
      ledger.obstacle(`${file}: cannot be read`);
      return undefined;
    });
    // Missing: the operation ended after the folder was read.
    ledger.mention(text ?? "", `operation ${name.replace(/\.json$/, "")}`);
  }
}
