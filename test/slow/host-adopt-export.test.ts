import assert from "node:assert/strict";
import { BASES, openVmHost, type VmHost } from "../fixtures/vm-host.ts";

const DISKS = "/var/lib/libvirt/images";
const OPTIONS = ["--virt-type", "qemu", "--network", "none"] as const;
const base = (id: string): string => `${BASES}/hello-appliance-1.0-1-${id}.qcow2`;

describe("a VM that plain virt-install made on a base", function () {
  this.timeout(600_000);
  let testHost: VmHost;
  before(async () => {
    testHost = await openVmHost(["1.0", "1.1"]);
    // What docs/host.md says, with the other two disks made by hand.
    await testHost.host.sh(`dnf -y -q install hello-appliance-1.0
      cd ${DISKS}; cp ${base("data")} vm1-data.qcow2; chmod 600 vm1-data.qcow2
      qemu-img create -q -f qcow2 vm1-scratch.qcow2 64M
      virt-install --name vm1 --osinfo hello1.0 --import --virt-type qemu --network none --graphics none \\
        --noautoconsole --disk path=$PWD/vm1.qcow2,size=1,backing_store=${base("system")},backing_format=qcow2 \\
        --disk path=$PWD/vm1-data.qcow2 --disk path=$PWD/vm1-scratch.qcow2 \\
        --serial file,path=/var/log/libvirt/qemu/vm1-console.log`);
    assert.match(await testHost.untilOff("vm1"), /hello-appliance 1.0 boot 1\r?\n/);
  });
  after(() => testHost[Symbol.asyncDispose]());

  async function boot(vm: string): Promise<string> {
    await testHost.host.sh("virsh -q start $1", vm);
    const said = await testHost.untilOff(vm);
    return /hello-appliance (.*boot \d+)/.exec(said)?.[1] ?? said;
  }

  it("is adopted, and then updated, rolled back and updated again", async () => {
    const { host, virtAppliance } = testHost;
    const uuid = async (): Promise<string> => (await host.sh("virsh domuuid vm1")).stdout;
    const before = await uuid();
    const disks = ["--disk", "data=vdb", "--disk", "scratch=vdc"];
    const adopted = await virtAppliance(["adopt", "vm1", ...disks]);
    assert.equal(adopted.stdout, "vm1: hello 1.0-1\n");
    assert.equal(await boot("vm1"), "1.0 boot 2");
    await host.sh("dnf -y -q upgrade && dnf -y -q remove hello-appliance-1.0");
    assert.match((await virtAppliance(["vms"])).stdout, /^vm1 +hello +1.0-1 .*1.1-1 available$/m);
    const updated = await virtAppliance(["update", "vm1"]);
    assert.equal(updated.stdout, "vm1 1.0-1 -> 1.1-1\n");
    assert.equal(await boot("vm1"), "1.1 boot 3");
    await virtAppliance(["rollback", "vm1"]);
    assert.equal(await boot("vm1"), "1.0 boot 4");
    await virtAppliance(["update", "vm1"]);
    await virtAppliance(["accept", "vm1"]);
    assert.equal(await boot("vm1"), "1.1 boot 5");
    assert.equal(await uuid(), before);
    const { stdout } = await host.sh(`stat -c '%U:%G %a' ${BASES}/hello-appliance-1.1-1-*`);
    assert.match(stdout, /^(root:root 444\n)+$/);
    // Before it was adopted, libvirt gave its base to QEMU's user, and left it there.
    await virtAppliance(["doctor", "--fix"]);
    assert.equal((await virtAppliance(["doctor"])).stdout, "");
  });

  it("is exported, and comes back as another: installed as it is, and as a package", async () => {
    const { host, virtAppliance } = testHost;
    await virtAppliance(["export", "vm1", "-o", "/srv/archive"]);
    await virtAppliance(["destroy", "vm1"]);
    assert.equal(
      (await virtAppliance(["install", "/srv/archive"])).stdout,
      "vm1-appliance-1.1-1\n",
    );
    await virtAppliance(["create", "vm1", "again", ...OPTIONS, "--no-start"]);
    assert.equal(await boot("again"), "1.1 boot 6");
    await virtAppliance(["uninstall", "vm1"]);
    assert.equal(await boot("again"), "1.1 boot 7");
    const build = ["build", "/srv/archive", "-o", "/srv", "--release", "2"];
    await host.sh('rpm -i "$1"', (await virtAppliance(build)).stdout.trim());
    await virtAppliance(["create", "vm1", "third", ...OPTIONS, "--no-start"]);
    assert.equal(await boot("third"), "1.1 boot 6");
  });
});
