import { stat } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../../src/lib/context.ts";
import { CACHE } from "../demo/build-appliances.ts";
import { inMiB } from "../demo/in-mib.ts";
import type { Say } from "../demo/tell.ts";
import { buildInstallerTree } from "../installer-tree/index.ts";

/** Step 1: the tree, from the cache or from Debian's archive; returns its folder. */
export async function makeTree(folder: string, context: Context, say: Say): Promise<string> {
  const tree = await buildInstallerTree(
    { outputFolder: folder, cacheFolder: CACHE, installed: ["puppet"], offered: ["tree"] },
    context,
  );
  for (const file of [tree.kernel, tree.initrd, path.join(folder, "system.tar.zst")]) {
    say(`${path.relative(folder, file)}: ${inMiB((await stat(file)).size)}`);
  }
  say("its initrd reads kickstarts with shell and awk of its own");
  return tree.folder;
}
