import { cp, link, mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { openTemporaryFolder } from "../../src/lib/atomic.ts";
import type { Context } from "../../src/lib/context.ts";
import { openKernel } from "../hello/kernel.ts";
import { makeInitrd } from "./initrd.ts";
import { makeSystemParts, type SystemOptions } from "./system.ts";

export { serveInstallerTree, type TreeServer } from "./serve.ts";

/** What the installer needs beyond disks: a network, and the file systems that it makes. */
const MODULES = ["virtio_net", "ext4"];
const IMAGES = "images/pxeboot";

/** What a tree is made of, and where. */
export interface InstallerTreeOptions extends SystemOptions {
  /** Must not exist yet. */
  readonly outputFolder: string;
}

/** An installer tree, in the layout that `virt-install --location` takes. */
export interface InstallerTree {
  readonly folder: string;
  readonly kernel: string;
  readonly initrd: string;
}

/**
 * Makes an installer tree of Debian packages: kernel, initrd, a prepared system that has the packages `installed`, and
 * a folder of those `offered` to `%packages`. Parts are taken from the cache, or added to it.
 */
export async function buildInstallerTree(
  options: InstallerTreeOptions,
  context: Context,
): Promise<InstallerTree> {
  const { cacheFolder, outputFolder } = options;
  const kernel = await openKernel({ cacheFolder, modules: MODULES }, context);
  const parts = await makeSystemParts(options, context);
  const images = path.join(outputFolder, IMAGES);
  await mkdir(images, { recursive: true });
  const tree = {
    folder: outputFolder,
    kernel: path.join(images, "vmlinuz"),
    initrd: path.join(images, "initrd.img"),
  };
  await cp(kernel.image, tree.kernel);
  const { tools } = parts;
  await using staging = await openTemporaryFolder(outputFolder);
  const initrd = path.join(staging.path, "initrd.img");
  await makeInitrd(initrd, { modules: kernel.modules, tools, cacheFolder }, context);
  await cp(initrd, tree.initrd);
  await place(parts.system, path.join(outputFolder, "system.tar.zst"));
  const packages = path.join(outputFolder, "packages");
  await mkdir(packages);
  if (parts.packages === undefined) await writeFile(path.join(packages, "Packages"), "");
  else {
    for (const file of await readdir(parts.packages)) {
      await place(path.join(parts.packages, file), path.join(packages, file));
    }
  }
  await writeFile(path.join(outputFolder, ".treeinfo"), renderTreeinfo());
  return tree;
}

/** A hard link where that works: parts are large. */
async function place(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => cp(from, to));
}

function renderTreeinfo(): string {
  return [
    "[general]",
    "family = Debian",
    "version = 12",
    "name = Debian 12",
    "arch = x86_64",
    "",
    "[images-x86_64]",
    `kernel = ${IMAGES}/vmlinuz`,
    `initrd = ${IMAGES}/initrd.img`,
    "",
  ].join("\n");
}
