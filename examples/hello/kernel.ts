import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../../src/lib/context.ts";
import { nameOfCloudKernel, unpackDebianPackage } from "./debian-packages.ts";

/** What the appliance needs to see its disks, on virtio as on the emulated IDE of a plain VM. */
const DISK_MODULES = ["virtio_pci", "virtio_blk", "virtio_scsi", "ata_piix", "sd_mod"];
/** What it needs to read the disk with its parameters, which is on the bus of the system disk. */
export const DISC_MODULES: readonly string[] = ["isofs"];

/** A kernel, and the modules to load in this order. */
export interface Kernel {
  readonly image: string;
  readonly modules: readonly string[];
}

/** Returns Debian's cloud kernel from the cache, which is filled when it is empty, with these modules beside the usual. */
export async function openKernel(
  options: { readonly cacheFolder: string; readonly modules: readonly string[] },
  context: Context,
): Promise<Kernel> {
  const { cacheFolder } = options;
  const name =
    (await readdir(cacheFolder).catch((): string[] => []))
      .sort()
      .findLast((entry) => /^linux-image-.*-cloud-amd64$/.test(entry)) ??
    (await nameOfCloudKernel(context));
  const root = await unpackDebianPackage(name, cacheFolder, context);
  const version = name.replace(/^linux-image-/, "");
  const folder = path.join(root, "lib/modules", version, "kernel");
  const modules = await orderModules(folder, [...DISK_MODULES, ...options.modules]);
  return { image: path.join(root, "boot", `vmlinuz-${version}`), modules };
}

/** Files of the wanted modules and all they depend on, each after its dependencies. */
async function orderModules(folder: string, wanted: readonly string[]): Promise<readonly string[]> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true })) {
    if (entry.endsWith(".ko")) {
      files.set(path.basename(entry, ".ko").replaceAll("-", "_"), path.join(folder, entry));
    }
  }
  const ordered: string[] = [];
  const add = async (name: string): Promise<void> => {
    const file = files.get(name);
    if (file === undefined || ordered.includes(file)) return;
    const content = await readFile(file, "latin1");
    // A module carries its own dependencies, as `depends=a,b` between NULs.
    const depends = /\0depends=([^\0]*)\0/.exec(content)?.[1] ?? "";
    for (const needed of depends.split(",").filter((part) => part !== "")) {
      await add(needed.replaceAll("-", "_"));
    }
    ordered.push(file);
  };
  for (const name of wanted) await add(name);
  return ordered;
}
