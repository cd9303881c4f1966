import path from "node:path";
import { buildHello } from "../../examples/hello/index.ts";
import { descriptorOf, writeAppliance } from "../support/appliance-fixture.ts";
import { testContext } from "../support/context.ts";
import type { VmLaboratory } from "./host-vm.ts";
import { openFolder } from "../support/temporary.ts";

const CACHE = path.join(import.meta.dirname, "../../.cache");
const SECTOR_BYTES = 512;

/** Builds something in a folder, and installs it on the host without a package. */
async function installMade(
  { host, virtAppliance }: VmLaboratory,
  make: (folder: string) => Promise<string>,
): Promise<void> {
  await using temporary = await openFolder();
  const folder = temporary.path;
  const made = await make(folder);
  const inside = `/srv/${path.basename(made)}`;
  await host.copyIn(made, inside);
  await virtAppliance(["install", inside]);
}

/** Installs `talker`, which declares these parameters, and writes to its console what it is told by them. */
export async function installTalker(
  laboratory: VmLaboratory,
  parameters: readonly string[],
): Promise<void> {
  await installMade(laboratory, async (folder) => {
    const options = { name: "talker", version: "1.0", parameters };
    const made = await buildHello(
      { ...options, outputFolder: folder, cacheFolder: CACHE },
      testContext({ temporaryFolder: folder }),
    );
    return made.tarball;
  });
}

/** Installs `mute`, on whose disk there is nothing that a machine could boot. */
export async function installMute(laboratory: VmLaboratory): Promise<void> {
  await installMade(laboratory, async (folder) => {
    const source = path.join(folder, "mute");
    const descriptor = descriptorOf([{ file: "system.raw", sizeMib: 1 }], { name: "mute" });
    await writeAppliance(source, descriptor, { "system.raw": Buffer.alloc(2048 * SECTOR_BYTES) });
    return source;
  });
}
