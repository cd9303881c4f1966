import { realpath, stat } from "node:fs/promises";
import { resolveFolder } from "../access/image-links.ts";
import type { HostAccess } from "../access/host-access.ts";
import { noteDefinitions, noteDomains } from "./domain-uses.ts";
import type { WatchedBase } from "./image-walk.ts";
import { noteOperations } from "./package-uses.ts";
import { notePools } from "./pool-uses.ts";
import { connectionsOf } from "./scan-uses.ts";
import { type BaseUses, openUseLedger } from "./use-ledger.ts";

async function watch(file: string): Promise<WatchedBase> {
  const stats = await stat(file).catch(() => undefined);
  const place = await resolveFolder(file);
  return { file, path: place, inode: stats?.ino ?? -1, device: stats?.dev ?? -1 };
}

/**
 * Finds the users of any of these files in the same places as `gc`: domains on every connection, definitions on disk,
 * images in every pool, and running operations.
 */
export async function scanFileUses(
  access: HostAccess,
  uri: string,
  files: readonly string[],
): Promise<BaseUses> {
  const { context, paths } = access;
  const baseDir = await realpath(paths.baseDir).catch(() => paths.baseDir);
  const watched = await Promise.all(files.map(watch));
  // A missing file may come back, so nothing is removed on a guess.
  const mayComeBack = (): Promise<boolean> => Promise.resolve(true);
  const ledger = openUseLedger(watched, { baseDir, signal: context.signal, mayComeBack });
  const on = { ledger, paths, mayComeBack };
  const connections = connectionsOf(access, uri);
  await noteOperations(paths, ledger, "gc");
  for (const connection of connections) await noteDomains(connection, on);
  await noteDefinitions(paths, on);
  await notePools(connections, paths, { ...on, progress: context.progress });
  return ledger.result();
}
