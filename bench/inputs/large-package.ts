import path from "node:path";
import { buildRpm } from "../../src/rpm/index.ts";
import { signRpm } from "../../src/sign/index.ts";
import { packagePlan, stagedFile } from "../../test/fixtures/package-plan.ts";
import { benchKeys } from "./bench-keys.ts";
import { debianDisk } from "./debian-disk.ts";
import type { Shop } from "./shop.ts";

/** Makes a signed package that holds one raw disk as it is. */
export function largePackage(shop: Shop, mib: number): Promise<string> {
  return shop.once(`package-${mib}`, async () => {
    const disk = await debianDisk(shop, mib);
    const { signer } = await benchKeys(shop);
    shop.report(`package of ${mib * shop.scale} MiB`);
    const entries = [stagedFile("/usr/share/disk", path.basename(disk))];
    const plan = packagePlan({ name: `large-${mib}`, entries });
    const options = { stagingFolder: shop.folder, outputFolder: shop.folder };
    const { path: file } = await buildRpm(plan, options, shop.context);
    await signRpm(file, signer, shop.context);
    return file;
  });
}
