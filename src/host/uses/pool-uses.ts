import { opendir, readlink, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import type { Progress, ProgressTask } from "../../lib/context.ts";
import type { Pool } from "../../libvirt/index.ts";
import type { HostPaths } from "../access/paths.ts";
import type { Connection } from "./domain-uses.ts";
import { findPseudoMounts } from "./pseudo-mounts.ts";
import type { UseLedger } from "./use-ledger.ts";

/** Pools whose volumes are files in a folder. */
const folderTypes: ReadonlySet<string> = new Set(["dir", "fs", "netfs"]);
/** Pools with remote raw disks, which have no backing files on this host. */
const remoteTypes: ReadonlySet<string> = new Set(["rbd", "sheepdog", "iscsi-direct"]);

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

interface Walk {
  readonly ledger: UseLedger;
  /** Returns whether a missing file may come back. */
  readonly mayComeBack: (file: string) => Promise<boolean>;
  readonly task: ProgressTask;
  /** Visited folders. */
  readonly seen: Set<string>;
  /** Folders that are not entered: a pool on `/` has `/proc` below it. */
  readonly pseudo: ReadonlySet<string>;
}

/** Notes the target of a link in a folder. Ignores links to folders, which could form a cycle. */
async function noteLink(file: string, { ledger, mayComeBack }: Walk): Promise<void> {
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined) {
    const target = path.resolve(path.dirname(file), await readlink(file).catch(() => ""));
    if (!(await mayComeBack(target))) return;
    ledger.obstacle(`${file}: broken symbolic link`, { files: [file, target], text: target });
  } else if (stats.isFile() || stats.isBlockDevice()) await ledger.follow(file, `image ${file}`);
}

/** Notes the backing files of the images in a folder, including subfolders and file systems mounted below it. */
async function noteFolder(folder: string, on: Walk): Promise<void> {
  const { ledger, seen, pseudo } = on;
  const real = await realpath(folder);
  if (seen.has(real) || pseudo.has(real)) return;
  seen.add(real);
  for await (const entry of await opendir(real)) {
    const file = path.join(real, entry.name);
    on.task.advance(1);
    if (entry.isSymbolicLink()) await noteLink(file, on);
    else if (entry.isFile() || entry.isBlockDevice())
      await ledger.followBelow(file, `image ${file}`);
    else if (entry.isDirectory()) {
      await noteFolder(file, on).catch((error: unknown) => {
        if (error instanceof ApplianceError) throw error;
        if (codeOf(error) !== "ENOENT") ledger.obstacle(`${file}: the folder cannot be read`);
      });
    }
  }
}

async function notePool(pool: Pool, connection: Connection, on: Walk): Promise<void> {
  const { ledger } = on;
  const subject = `pool ${pool.name}`;
  if (remoteTypes.has(pool.type)) return;
  if (!pool.isActive && pool.type !== "dir")
    return ledger.obstacle(`${subject}: not active, so its content is unknown`);
  if (folderTypes.has(pool.type) && pool.targetPath !== undefined) {
    const folder = pool.targetPath;
    await noteFolder(folder, on).catch((error: unknown) => {
      if (error instanceof ApplianceError) throw error;
      ledger.obstacle(`${subject}: ${folder} cannot be read`);
    });
    return;
  }
  const volumes = await connection.libvirt.listVolumes(pool.name);
  for (const volume of volumes) {
    on.task.advance(1);
    if (volume.path.startsWith("/")) await ledger.followBelow(volume.path, `image ${volume.path}`);
    else ledger.obstacle(`${subject}: its volume ${volume.name} cannot be read here`);
  }
}

/** Notes the backing files of the images in all pools of these connections, and in the default folder of VMs' disks. */
export async function notePools(
  connections: readonly Connection[],
  paths: HostPaths,
  on: Pick<Walk, "ledger" | "mayComeBack"> & { readonly progress: Progress },
): Promise<void> {
  const task = on.progress.start("reading pools", { count: undefined, of: "files" });
  try {
    const { ledger, mayComeBack } = on;
    const walk = { ledger, mayComeBack, task, seen: new Set<string>() };
    await noteAll(connections, paths, { ...walk, pseudo: await findPseudoMounts() });
  } finally {
    task.done();
  }
}

async function noteAll(
  connections: readonly Connection[],
  paths: HostPaths,
  walk: Walk,
): Promise<void> {
  const { ledger } = walk;
  await noteFolder(paths.diskDir, walk).catch((error: unknown) => {
    if (error instanceof ApplianceError) throw error;
    if (codeOf(error) !== "ENOENT") ledger.obstacle(`${paths.diskDir}: cannot be read`);
  });
  for (const connection of connections) {
    try {
      for (const pool of await connection.libvirt.listPools())
        await notePool(pool, connection, walk);
    } catch (error) {
      if (!(error instanceof ApplianceError) || error.code === "LIB_INTERRUPTED") throw error;
      ledger.obstacle(`${connection.uri}: cannot list its pools: ${error.message}`);
    }
  }
}
