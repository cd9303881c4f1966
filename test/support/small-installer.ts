import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { unpackDebianPackage } from "../../examples/hello/debian-packages.ts";
import { openKernel } from "../../examples/hello/kernel.ts";
import { testContext } from "./context.ts";

const CACHE = path.join(import.meta.dirname, "../../.cache");

const TREE_INFO = `[general]
family = Fedora
version = 40
arch = x86_64
name = Small

[images-x86_64]
kernel = images/pxeboot/vmlinuz
initrd = images/pxeboot/initrd.img
`;

/** Makes a tree as virt-install looks for it, whose installer only shows what it is given and marks the disk. */
export async function makeSmallTree(folder: string): Promise<void> {
  const context = testContext();
  const kernel = await openKernel({ cacheFolder: CACHE, modules: [] }, context);
  const busybox = await unpackDebianPackage("busybox-static", CACHE, context);
  const boot = path.join(folder, "images/pxeboot");
  const inside = path.join(folder, "inside");
  for (const made of [boot, path.join(inside, "bin"), path.join(inside, "modules")])
    await mkdir(made, { recursive: true });
  await writeFile(path.join(folder, ".treeinfo"), TREE_INFO);
  await copyFile(kernel.image, path.join(boot, "vmlinuz"));
  await copyFile(path.join(busybox, "bin/busybox"), path.join(inside, "bin/busybox"));
  await copyFile(path.join(import.meta.dirname, "small-installer.sh"), path.join(inside, "init"));
  await chmod(path.join(inside, "init"), 0o755);
  for (const file of kernel.modules)
    await copyFile(file, path.join(inside, "modules", path.basename(file)));
  const order = kernel.modules.map((file) => `${path.basename(file)}\n`).join("");
  await writeFile(path.join(inside, "modules/order"), order);
  const initrd = path.join(boot, "initrd.img");
  const pack = 'cd "$1" && find . | cpio -o -H newc --quiet -R 0:0 | gzip -1 >"$2"';
  await context.run("sh", ["-c", pack, "sh", inside, initrd]);
}
