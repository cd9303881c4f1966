import { mkdir, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { openTemporaryFolder } from "../../src/lib/atomic.ts";
import type { Context } from "../../src/lib/context.ts";
import { renderHelloDescriptor } from "./descriptor.ts";
import { makeInitramfs } from "./initramfs.ts";
import { DISC_MODULES, openKernel } from "./kernel.ts";
import { makeSystemDisk } from "./system-disk.ts";

const DATA_DISK_BYTES = 64 * 1024 * 1024;
/** Fixed, so that the same version has the same bytes whenever it is built. */
const DATE = "2026-01-01T00:00:00Z";
const DATE_SECONDS: number = Date.parse(DATE) / 1000;

/** Which appliance to build, and where. */
export interface HelloOptions {
  readonly version: string;
  /** Default: `hello`. */
  readonly name?: string;
  /** Default: `well`. A version that `hangs` never prints its line, and never powers off. */
  readonly health?: "well" | "hangs";
  /** Parameters that it declares (default: none). An appliance with parameters prints their values. */
  readonly parameters?: readonly string[];
  readonly outputFolder: string;
  /** Debian packages are kept here from one build to the next. */
  readonly cacheFolder: string;
}

/** A built appliance: a directory, and the tarball of it. */
export interface HelloAppliance {
  readonly folder: string;
  readonly tarball: string;
}

/**
 * Builds a small bootable appliance as `NAME-VERSION/` and `NAME-VERSION.tar.gz` (sparse, made with `tar -S`). It
 * prints `hello-appliance VERSION boot N` on its serial console, keeps the count on its data disk, and powers off. An
 * existing result is not built again.
 */
export async function buildHello(options: HelloOptions, context: Context): Promise<HelloAppliance> {
  const name = `${options.name ?? "hello"}-${options.version}`;
  const folder = path.join(options.outputFolder, name);
  const tarball = path.join(options.outputFolder, `${name}.tar.gz`);
  if (await exists(tarball)) return { folder, tarball };
  await rm(folder, { recursive: true, force: true });
  await using staging = await openTemporaryFolder(options.outputFolder);
  const making = path.join(staging.path, name);
  await mkdir(making);
  await makeFiles(making, options, context);
  const archive = path.join(staging.path, "appliance.tar.gz");
  const members = ["-C", staging.path, "--sort=name", name];
  const owner = ["--owner=0", "--group=0", "--numeric-owner", `--mtime=@${DATE_SECONDS}`];
  await context.run("tar", ["-S", "-I", "gzip -n -1", "-cf", archive, ...owner, ...members]);
  await rename(making, folder);
  await rename(archive, tarball);
  return { folder, tarball };
}

async function makeFiles(folder: string, options: HelloOptions, context: Context): Promise<void> {
  const { version, cacheFolder, name = "hello", health = "well", parameters = [] } = options;
  const modules = parameters.length === 0 ? [] : DISC_MODULES;
  const kernel = await openKernel({ cacheFolder, modules }, context);
  await using staging = await openTemporaryFolder(path.dirname(folder));
  const initramfs = path.join(staging.path, "initrd.gz");
  const dateSeconds = DATE_SECONDS;
  await makeInitramfs(initramfs, { kernel, version, health, cacheFolder, dateSeconds }, context);
  await makeSystemDisk(
    path.join(folder, "system.raw"),
    { kernelImage: kernel.image, initramfs, dateSeconds },
    context,
  );
  const data = path.join(folder, "data.raw");
  await writeFile(data, "HELLO-DATA\n0\n");
  await truncate(data, DATA_DISK_BYTES);
  const descriptor = renderHelloDescriptor({ name, version, date: DATE, parameters });
  await writeFile(path.join(folder, "appliance.xml"), descriptor);
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
