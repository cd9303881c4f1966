import path from "node:path";
import type { Context } from "../../src/lib/context.ts";
import { openSimulatedHost } from "../simulated-host/simulated-host.ts";
import { buildAppliances } from "./build-appliances.ts";
import { runHostChapter } from "./host-chapter.ts";
import { installAppliance } from "./install.ts";
import { lookAround } from "./look-around.ts";
import { openProgram } from "./program.ts";
import { makeRepository } from "./repository.ts";
import { findFreePort, serveRepository } from "./serve.ts";
import type { Tell } from "./tell.ts";
import { upgradeAndRemove } from "./upgrade-and-remove.ts";
import { makeVirtualMachine } from "./virtual-machine.ts";
import { openWorkFolder } from "./work-folder.ts";

/**
 * Runs the main job from a tarball to a VM that survives its package, then a VM's life on its host, with the real dnf,
 * rpm, virt-install, libvirtd and QEMU in a simulated host. It deletes everything that it made, even when it throws.
 */
export async function runDemo(context: Context, tell: Tell): Promise<void> {
  const started = performance.now();
  await using work = await openWorkFolder(context.temporaryFolder);
  const virtAppliance = openProgram(path.join(work.path, "home"), context);
  tell.begin(10);
  tell.chapter("virt-appliance: from a tarball to a VM that outlives its package");
  const tarballs = await tell.step(
    "a bootable appliance, versions 1.0 and 1.1, packed with tar -S",
    (say) => buildAppliances(work.path, context, say),
  );
  const port = await findFreePort();
  const made = await tell.step(
    "signed RPMs in a signed repository, served over HTTP",
    async (say) => {
      const repository = await makeRepository(
        { tarballs, folder: work.path, port },
        virtAppliance,
        say,
      );
      const server = await serveRepository({ folder: repository.folder, port }, virtAppliance);
      say(`serving ${repository.baseUrl}`);
      return { repository, server };
    },
  );
  const { repository } = made;
  await using _server = made.server;
  await using host = await openSimulatedHost(context);
  await tell.step(
    "the real dnf installs it in a simulated host, checking all signatures",
    async (say) => {
      await host.startLibvirt();
      await installAppliance(host, repository, say);
    },
  );
  await tell.step("the images are unpacked, virt-install and libvirt know them", (say) =>
    lookAround(host, repository, { context, say }),
  );
  await tell.step("plain virt-install makes a VM on libvirtd and QEMU", (say) =>
    makeVirtualMachine(host, say),
  );
  await tell.step("dnf upgrade, then dnf remove of the old version: the VM keeps counting", (say) =>
    upgradeAndRemove(host, repository, { virtAppliance, say }),
  );
  await runHostChapter({ host, repository, virtAppliance, context }, tell);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  tell.line(`done in ${seconds} s; nothing is left running or mounted`);
}
