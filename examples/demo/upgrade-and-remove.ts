import type { SimulatedHost } from "../simulated-host/simulated-host.ts";
import { installedLines } from "./install.ts";
import { BASE_FOLDER } from "./look-around.ts";
import type { VirtAppliance } from "./program.ts";
import { addToRepository, type Repository } from "./repository.ts";
import type { Say } from "./tell.ts";
import { startAgain } from "./virtual-machine.ts";

/** Step 6: installs a new version and removes the old one; the VM made from the old one is not affected. */
export async function upgradeAndRemove(
  host: SimulatedHost,
  repository: Repository,
  options: { readonly virtAppliance: VirtAppliance; readonly say: Say },
): Promise<void> {
  const { virtAppliance, say } = options;
  await addToRepository({ folder: repository.folder, rpms: [repository.newRpm] }, virtAppliance);
  say("# virt-appliance repo add … hello-appliance-1.1-1.x86_64.rpm");
  const { stdout } = await host.run(["dnf", "-y", "upgrade", "--refresh"]);
  say("# dnf upgrade --refresh");
  say(installedLines(stdout));
  await expectInstalled(host, ["hello-appliance-1.0-1", "hello-appliance-1.1-1"], say);
  await startAgain(host, 2, say);
  say("# dnf remove hello-appliance-1.0-1");
  await host.run(["dnf", "-y", "remove", "hello-appliance-1.0-1"]);
  await expectInstalled(host, ["hello-appliance-1.1-1"], say);
  say(`still in the pool: ${await listBases(host, "hello-appliance-1.0-1-")}`);
  await startAgain(host, 3, say);
}

/** Bases outlive their package: no scriptlet ever removes one. */
async function listBases(host: SimulatedHost, prefix: string): Promise<string> {
  const { stdout } = await host.run(["ls", BASE_FOLDER]);
  const bases = stdout.split("\n").filter((name) => name.startsWith(prefix));
  if (bases.length === 0) throw new Error(`${BASE_FOLDER}: no ${prefix}*, expected the bases`);
  return bases.join(" ");
}

async function expectInstalled(
  host: SimulatedHost,
  expected: readonly string[],
  say: Say,
): Promise<void> {
  const format = "%{NAME}-%{VERSION}-%{RELEASE}\\n";
  const { stdout } = await host.run(["rpm", "-q", "--qf", format, "hello-appliance"]);
  const found = stdout.trim().split("\n").sort();
  if (found.join() !== expected.join()) {
    throw new Error(`rpm -q hello-appliance: ${found.join(", ")}, expected ${expected.join(", ")}`);
  }
  say(`installed: ${found.join(" and ")}`);
}
