import type { Context } from "../../src/lib/context.ts";
import type { SimulatedHost } from "../simulated-host/simulated-host.ts";
import { publishBrokenVersion } from "./broken-version.ts";
import { createFromPackage, updateAndAccept, updateToBroken } from "./create-and-update.ts";
import type { VirtAppliance } from "./program.ts";
import { reclaim } from "./reclaim.ts";
import type { Repository } from "./repository.ts";
import type { Tell } from "./tell.ts";

/** What the host chapter works with: the host as the first six steps left it, and the builder's side. */
export interface HostChapter {
  readonly host: SimulatedHost;
  readonly repository: Repository;
  /** The builder's program. The host uses the one that dnf installs. */
  readonly virtAppliance: VirtAppliance;
  readonly context: Context;
}

/** Shows a VM on a host: created, updated, rolled back from a broken version. Then gc removes unused bases. */
export async function runHostChapter(chapter: HostChapter, tell: Tell): Promise<void> {
  const { host, repository, virtAppliance, context } = chapter;
  tell.chapter("virt-appliance on the host: a VM that follows its appliance");
  await tell.step("the command line that dnf installed makes a VM of version 1.0", (say) =>
    createFromPackage({ host, say }),
  );
  await tell.step("the VM gets version 1.1, checked on its console; its data is kept", (say) =>
    updateAndAccept({ host, say }),
  );
  await tell.step(
    "version 1.2 never comes up: the VM is rolled back automatically",
    async (say) => {
      await publishBrokenVersion(repository, virtAppliance, { context, say });
      await updateToBroken({ host, say });
    },
  );
  await tell.step("the last appliance is removed, and gc deletes unused bases", (say) =>
    reclaim({ host, say }),
  );
}
