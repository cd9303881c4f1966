import { chmod, copyFile, mkdir, rename, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../../src/lib/context.ts";
import { openTemporaryFolder } from "../../src/lib/atomic.ts";
import { unpackDebianPackage } from "./debian-packages.ts";
import type { Kernel } from "./kernel.ts";

const INIT: string = path.join(import.meta.dirname, "init.sh");

/** Content of an initramfs. */
export interface InitramfsOptions {
  readonly kernel: Kernel;
  readonly version: string;
  readonly health: "well" | "hangs";
  readonly cacheFolder: string;
  readonly dateSeconds: number;
}

/** Makes the initramfs: busybox, the modules, our init and the version. The same input gives the same bytes. */
export async function makeInitramfs(
  target: string,
  options: InitramfsOptions,
  context: Context,
): Promise<void> {
  const busybox = await unpackDebianPackage("busybox-static", options.cacheFolder, context);
  await using staging = await openTemporaryFolder(path.dirname(target));
  const at = (name: string): string => path.join(staging.path, name);
  for (const folder of ["bin", "etc", "modules"]) await mkdir(at(folder));
  await copyFile(path.join(busybox, "bin/busybox"), at("bin/busybox"));
  await copyFile(INIT, at("init"));
  await chmod(at("init"), 0o755);
  await writeFile(at("etc/appliance-version"), `${options.version}\n`);
  await writeFile(at("etc/appliance-health"), `${options.health}\n`);
  const names = options.kernel.modules.map((file) => path.basename(file));
  await writeFile(at("modules/order"), `${names.join("\n")}\n`);
  for (const file of options.kernel.modules) {
    await copyFile(file, at(`modules/${path.basename(file)}`));
  }
  const modules = names.map((name) => `modules/${name}`);
  const members = [
    "bin",
    "bin/busybox",
    "etc",
    "etc/appliance-health",
    "etc/appliance-version",
    "init",
    "modules",
  ]
    .concat("modules/order", modules)
    .sort();
  for (const member of members) {
    await utimes(at(member), options.dateSeconds, options.dateSeconds);
  }
  const archive = `${target}.cpio`;
  const cpio = ["-o", "-H", "newc", "--quiet", "--reproducible", "-R", "0:0", "-O", archive];
  await context.run("cpio", cpio, { cwd: staging.path, input: `${members.join("\n")}\n` });
  await context.run("gzip", ["-n", "-f", archive]);
  await rename(`${archive}.gz`, target);
}
