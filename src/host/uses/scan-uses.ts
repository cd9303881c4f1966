import { realpath } from "node:fs/promises";
import path from "node:path";
import { openLibvirt } from "../../libvirt/index.ts";
import type { HostAccess } from "../access/host-access.ts";
import { type Connection, noteDefinitions, noteDomains } from "./domain-uses.ts";
import type { WatchedBase } from "./image-walk.ts";
import { noteOperations, notePackages } from "./package-uses.ts";
import { notePools } from "./pool-uses.ts";
import { openLostPlaces } from "./lost-places.ts";
import { type BaseUses, openUseLedger } from "./use-ledger.ts";

const SYSTEM_URI = "qemu:///system";

/** Returns the connections to check: the given one, and the system's if it differs. */
export function connectionsOf(access: HostAccess, uri: string): readonly Connection[] {
  const { context, libvirt } = access;
  const own = { uri, libvirt, context };
  // A host below another root has no daemon.
  if (uri === SYSTEM_URI || access.paths.root !== "/") return [own];
  return [own, { uri: SYSTEM_URI, libvirt: openLibvirt(context, { uri: SYSTEM_URI }), context }];
}

/**
 * Finds the users of each base: installed packages, running operations, domains on every visible connection (also
 * inactive ones, their snapshots, and users' own), and images in every pool, through any number of layers. Anything
 * that cannot be checked is an obstacle, never a "no".
 *
 * @param uri  connection of `access.libvirt`
 */
export async function scanUses(
  access: HostAccess,
  uri: string,
  bases: readonly WatchedBase[],
): Promise<BaseUses> {
  const { context } = access;
  // Users may name a base through links, and so may this program.
  const baseDir = await realpath(access.paths.baseDir).catch(() => access.paths.baseDir);
  const paths = { ...access.paths, baseDir };
  const watched = bases.map((base) => ({ ...base, path: path.join(baseDir, base.file) }));
  const connections = connectionsOf(access, uri);
  const mayComeBack = await openLostPlaces(connections, paths);
  const ledger = openUseLedger(watched, { baseDir, signal: context.signal, mayComeBack });
  const on = { ledger, paths, mayComeBack };
  await notePackages(bases, paths, ledger);
  await noteOperations(paths, ledger, "gc");
  for (const connection of connections) await noteDomains(connection, on);
  await noteDefinitions(paths, on);
  await notePools(connections, paths, { ...on, progress: context.progress });
  return ledger.result();
}
