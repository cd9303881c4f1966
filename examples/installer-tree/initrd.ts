import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { openTemporaryFolder } from "../../src/lib/atomic.ts";
import type { Context } from "../../src/lib/context.ts";
import { unpackDebianPackage } from "../hello/debian-packages.ts";

const INSTALLER = path.join(import.meta.dirname, "installer");

/** Content of the initrd of an installer. */
export interface InitrdOptions {
  /** In the order of loading. */
  readonly modules: readonly string[];
  /** Programs with their libraries, as below a root. */
  readonly tools: string;
  readonly cacheFolder: string;
}

/** Makes the initrd of the installer: busybox, the programs of Debian, the modules, and the scripts that install. */
export async function makeInitrd(
  target: string,
  options: InitrdOptions,
  context: Context,
): Promise<void> {
  const busybox = await unpackDebianPackage("busybox-static", options.cacheFolder, context);
  await using staging = await openTemporaryFolder(path.dirname(target));
  const at = (name: string): string => path.join(staging.path, name);
  await cp(options.tools, staging.path, { recursive: true });
  for (const folder of ["bin", "sbin", "modules"]) await mkdir(at(folder), { recursive: true });
  await cp(path.join(busybox, "bin/busybox"), at("bin/busybox"));
  await cp(INSTALLER, at("installer"), { recursive: true });
  await cp(path.join(INSTALLER, "init.sh"), at("init"));
  for (const file of options.modules) await cp(file, at(`modules/${path.basename(file)}`));
  const names = options.modules.map((file) => path.basename(file));
  await writeFile(at("modules/order"), `${names.join("\n")}\n`);
  for (const name of ["init", ...(await readdir(INSTALLER)).map((file) => `installer/${file}`)]) {
    await context.run("chmod", ["755", at(name)]);
  }
  const members = (await readdir(staging.path, { recursive: true })).sort();
  const cpio = ["-o", "-H", "newc", "--quiet", "-R", "0:0", "-O", `${target}.cpio`];
  await context.run("cpio", cpio, { cwd: staging.path, input: `${members.join("\n")}\n` });
  // gzip, because virt-install appends files to it with gzip.
  await context.run("gzip", ["-n", "-f", "-4", "-S", ".gz", `${target}.cpio`]);
  await context.run("mv", [`${target}.cpio.gz`, target]);
}
