import { mkdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type CommandLine, openCommandLine } from "../../examples/simulated-host/command-line.ts";
import { openNamespace } from "../../examples/simulated-host/namespace.ts";
import type { Context } from "../../src/lib/context.ts";

/** A Debian that runs beside this machine's: processes, mounts and a network of its own, on a throw-away copy. */
export interface DebianRoot extends AsyncDisposable {
  /** Its first process. */
  readonly pid: number;
  /** Its root as a path of the outside. */
  readonly root: string;
  readonly run: CommandLine;
}

/** Unpacks a Debian; it is removed when disposed of. */
export async function unpackDebian(
  archive: string,
  folder: string,
  context: Context,
): Promise<AsyncDisposable> {
  await mkdir(folder);
  const how = ["--zstd", "--numeric-owner", "--xattrs", "--xattrs-include=*"];
  await context.run("tar", ["-x", ...how, "-C", folder, "-f", archive]);
  return { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Opens a copy of an unpacked Debian; what it writes is held in memory, and gone when it is disposed of. */
export async function openDebianRoot(lower: string, context: Context): Promise<DebianRoot> {
  const namespace = await openNamespace({
    parent: os.tmpdir(),
    size: "2g",
    shares: {},
    lower,
    ownNetwork: true,
  });
  const run = openCommandLine(namespace.pid, context);
  const opened = {
    pid: namespace.pid,
    root: path.join("/proc", String(namespace.pid), "root"),
    run,
    [Symbol.asyncDispose]: namespace.end,
  };
  try {
    await run(["ip", "link", "set", "lo", "up"]);
    return opened;
  } catch (error) {
    await namespace.end();
    throw error;
  }
}
