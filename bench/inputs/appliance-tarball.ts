import { link, writeFile } from "node:fs/promises";
import path from "node:path";
import { descriptorOf } from "../../test/fixtures/appliance-folder.ts";
import { debianDisk } from "./debian-disk.ts";
import type { Shop } from "./shop.ts";

/** Makes a compressed tarball of an appliance with one raw disk, which is sparse in the tarball too. */
export function applianceTarball(shop: Shop, mib: number): Promise<string> {
  return shop.once(`tarball-${mib}`, async () => {
    const disk = await debianDisk(shop, mib);
    const folder = await shop.newFolder(`appliance-${mib}`);
    const file = path.join(shop.folder, `appliance-${mib}.tar.gz`);
    await link(disk, path.join(folder, "root.raw"));
    const descriptor = descriptorOf([{ file: "root.raw" }], { name: "bench" });
    await writeFile(path.join(folder, "appliance.xml"), descriptor);
    shop.report(`tarball of ${path.basename(disk)}`);
    const pack = ["-C", folder, "--sparse", "-czf", file, "appliance.xml", "root.raw"];
    await shop.context.run("tar", pack);
    return file;
  });
}
