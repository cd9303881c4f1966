import { mkdir, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { descriptorOf } from "../../test/fixtures/appliance-folder.ts";
import { debianDisk } from "./debian-disk.ts";
import type { Shop } from "./shop.ts";

/** How often the data of the disk is repeated: compressed, it takes about a seventh of 1 GiB. */
const COPIES = 7;
const DISK_MIB = 500;

/** Makes an appliance whose disk is a compressed qcow2 image already, of about 1 GiB; returns folder and image. */
export function readyImage(
  shop: Shop,
): Promise<{ readonly folder: string; readonly image: string }> {
  return shop.once("ready", async () => {
    const disk = await debianDisk(shop, DISK_MIB);
    const folder = path.join(shop.folder, "ready");
    await mkdir(folder);
    const [raw, image] = [path.join(shop.folder, "ready.raw"), path.join(folder, "root.qcow2")];
    const { run } = shop.context;
    for (let count = 0; count < (shop.scale < 1 ? 1 : COPIES); count += 1) {
      await run("dd", [`if=${disk}`, `of=${raw}`, "bs=1M", "conv=notrunc,sparse", "oflag=append"]);
    }
    shop.report("qcow2 image of 1 GiB");
    const how = ["-c", "-m", "8", "-f", "raw", "-O", "qcow2"];
    const options = ["-o", "compat=1.1,cluster_size=64k,compression_type=zstd"];
    await run("qemu-img", ["convert", ...how, ...options, raw, image]);
    await truncate(raw, 0);
    const descriptor = descriptorOf([{ file: "root.qcow2", format: "qcow2" }], { name: "ready" });
    await writeFile(path.join(folder, "appliance.xml"), descriptor);
    return { folder, image };
  });
}
