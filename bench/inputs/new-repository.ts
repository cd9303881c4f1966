import path from "node:path";
import { benchKeys } from "./bench-keys.ts";
import { virtAppliance } from "./program.ts";
import type { Shop } from "./shop.ts";

/** Makes an empty repository, signed with the bench's key. */
export async function newRepository(shop: Shop, name: string): Promise<string> {
  const { folder: keys } = await benchKeys(shop);
  const folder = path.join(shop.folder, name);
  const settings = ["--name", "bench", "--base-url", "http://localhost/x", "--key", "bench"];
  const argv = virtAppliance("repo", "init", folder, ...settings, "--keys", keys);
  const [program = "", ...args] = argv;
  await shop.context.run(program, [...args, "--no-host-package"]);
  return folder;
}
