import path from "node:path";
import { findFreePort, serveRepository } from "../demo/serve.ts";
import { openProgram } from "../demo/program.ts";
import type { Tell } from "../demo/tell.ts";
import { openWorkFolder } from "../demo/work-folder.ts";
import { serveInstallerTree } from "../installer-tree/index.ts";
import { openSimulatedHost } from "../simulated-host/simulated-host.ts";
import type { Context } from "../../src/lib/context.ts";
import { createFromRecipe, firstBoot } from "./create.ts";
import { installRecipe } from "./install.ts";
import { lookAtRecipe } from "./look.ts";
import { makeRecipeRepository } from "./repository.ts";
import { makeTree } from "./tree.ts";
import { upgradeModule } from "./upgrade.ts";

const STEPS = 7;

/**
 * Takes a recipe to a VM that it installed and configured, with the real dnf, virt-install, libvirtd, QEMU
 * and Puppet in a simulated host. It deletes everything that it made except the cache, even when it throws.
 */
export async function runRecipeDemo(context: Context, tell: Tell): Promise<void> {
  const started = performance.now();
  await using work = await openWorkFolder(context.temporaryFolder);
  const virtAppliance = openProgram(path.join(work.path, "home"), context);
  tell.begin(STEPS);
  tell.chapter("virt-appliance: from a recipe to a VM that is what the site wants");
  const tree = await tell.step("an installer tree, made of Debian packages", (say) =>
    makeTree(path.join(work.path, "tree"), context, say),
  );
  await using treeServer = await serveInstallerTree(tree);
  const port = await findFreePort();
  const repository = await tell.step(
    "the recipe becomes two signed packages, kilobytes instead of gigabytes",
    (say) => makeRecipeRepository({ folder: work.path, port }, virtAppliance, say),
  );
  await using _server = await serveRepository({ folder: repository.folder, port }, virtAppliance);
  await using host = await openSimulatedHost(context, { provides: ["puppet"] });
  await tell.step("the real dnf installs it on a host, and the site says what is its own", (say) =>
    installRecipe(host, repository, say),
  );
  const program = (say: (line: string) => void) => ({ host, say, tree: treeServer });
  await tell.step("what the recipe comes to here: kickstart and node definition", (say) =>
    lookAtRecipe(program(say)),
  );
  await tell.step("virt-install starts the installer, whose own reader does as it is told", (say) =>
    createFromRecipe(program(say)),
  );
  await tell.step("the VM boots from its disk, and Puppet makes it what --set said", (say) =>
    firstBoot(program(say)),
  );
  await tell.step("a new version of the module: the site's own answers hold", (say) =>
    upgradeModule(program(say), { repository, virtAppliance }),
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  tell.line(`done in ${seconds} s; nothing is left running or mounted`);
}
