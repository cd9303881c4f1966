import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { openSimulatedHost } from "../../examples/simulated-host/simulated-host.ts";
import type {
  HostRunOptions,
  SimulatedHost,
} from "../../examples/simulated-host/simulated-host.ts";
import type { RunResult } from "../../src/lib/exec.ts";
import { testContext } from "../support/context.ts";
import { makeSmallTree } from "../support/small-installer.ts";
import { installSmallRecipe } from "../support/small-recipe.ts";

const repositoryRoot = fileURLToPath(new URL("../../", import.meta.url));
const DISKS = "/var/lib/libvirt/images";
const CONSOLE = "/var/log/libvirt/qemu/vm1-console.log";
const OPTIONS = ["--virt-type", "qemu", "--network", "none"] as const;
const VALUES = ["--set", "hub=mail.example.com", "--set", "token=s3cret"] as const;

describe("VMs of a recipe", () => {
  let folder: string;
  let host: SimulatedHost;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "va-recipe-"));
    await makeSmallTree(path.join(folder, "tree"));
    await installSmallRecipe(path.join(folder, "catalogue"));
    const shares = {
      "/srv/tree": path.join(folder, "tree"),
      "/srv/virt-appliance": repositoryRoot,
    };
    host = await openSimulatedHost(testContext(), { shares });
    await host.sh("mkdir -p /usr/share/virt-appliance /var/lib/virt-appliance /etc/virt-appliance");
    await host.copyIn(path.join(folder, "catalogue"), "/usr/share/virt-appliance/catalog.d");
    await host.startLibvirt();
  });
  after(async () => {
    await host.dispose();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    await host.sh(`
      for vm in $(virsh list --all --name); do virsh -q destroy $vm; virsh -q undefine $vm; done 2>/dev/null
      rm -f ${DISKS}/*.qcow2`);
  });

  const virtAppliance = (args: readonly string[], options?: HostRunOptions): Promise<RunResult> =>
    host.run(
      [
        process.execPath,
        "--import",
        "file:///srv/virt-appliance/node_modules/tsx/dist/loader.mjs",
        "/srv/virt-appliance/src/cli/main.ts",
        ...args,
      ],
      options,
    );
  const traces = async (): Promise<string> =>
    (
      await host.sh(`
        virsh -q list --all; virsh -q pool-list --all; ls ${DISKS}
        ls /var/lib/virt-appliance/journal /var/lib/virt-appliance/installing /var/lib/libvirt/boot`)
    ).stdout;

  it("are installed by virt-install, and boot from their disk", async () => {
    const created = await virtAppliance([
      "create",
      "small-recipe",
      "vm1",
      ...OPTIONS,
      ...VALUES,
      "--location",
      "/srv/tree",
      "--wait-boot",
      "60",
    ]);
    assert.equal(created.stdout, "vm1\n", created.stderr);
    assert.match(await host.readText(CONSOLE), /small: booted from the disk/);
  });
});
