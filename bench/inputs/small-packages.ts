import path from "node:path";
import { buildRpm } from "../../src/rpm/index.ts";
import { signRpm } from "../../src/sign/index.ts";
import { packagePlan, textFile } from "../../test/fixtures/package-plan.ts";
import { benchKeys } from "./bench-keys.ts";
import type { Shop } from "./shop.ts";

/** Number of packages in a large repository, at scale 1. */
export const PACKAGES = 10_000;

/** Number of packages that are made in parallel: each waits for the disk. */
const TOGETHER = 8;

/** Makes a signed package with two small files. */
export async function smallPackage(shop: Shop, folder: string, name: string): Promise<string> {
  const entries = [textFile(`/etc/${name}.conf`, "x\n"), textFile(`/usr/share/${name}/a`, name)];
  const options = { stagingFolder: folder, outputFolder: folder };
  const { path: file } = await buildRpm(packagePlan({ name, entries }), options, shop.context);
  const { signer } = await benchKeys(shop);
  await signRpm(file, signer, shop.context);
  return file;
}

/** Makes many packages in one folder. */
export function manyPackages(
  shop: Shop,
): Promise<{ readonly folder: string; readonly files: readonly string[] }> {
  return shop.once("many", async () => {
    const folder = await shop.newFolder("many");
    const count = Math.max(20, Math.round(PACKAGES * shop.scale));
    shop.report(`${count} packages`);
    const files: string[] = [];
    const name = (n: number): string => `package-${String(n).padStart(6, "0")}`;
    for (let n = 0; n < count; n += TOGETHER) {
      shop.context.signal.throwIfAborted();
      const some = Array.from({ length: Math.min(TOGETHER, count - n) }, (_, i) => name(n + i));
      files.push(...(await Promise.all(some.map((one) => smallPackage(shop, folder, one)))));
    }
    return { folder: path.resolve(folder), files };
  });
}
