import assert from "node:assert/strict";
import { BASES, openVmLaboratory } from "./host-vm.ts";
import type { VmLaboratory } from "./host-vm.ts";

const DISKS = "/var/lib/libvirt/images";
const QEMU = ["--virt-type", "qemu"] as const;
/** The guest has no use for a network, and the simulated host's is not started. */
const OPTIONS = [...QEMU, "--network", "none"] as const;

describe("VMs of an appliance", () => {
  let laboratory: VmLaboratory;
  before(async () => {
    laboratory = await openVmLaboratory(["1.0", "1.1"]);
    await laboratory.host.sh("dnf -y -q install hello-appliance-1.0");
  });
  after(() => laboratory[Symbol.asyncDispose]());
  afterEach(async () => {
    await laboratory.host.sh(`
      for vm in $(virsh list --all --name); do
        virsh -q destroy $vm; virsh -q undefine $vm; rm -f ${DISKS}/$vm-*
      done 2>/dev/null || :`);
  });

  const pools = async (): Promise<string> =>
    (await laboratory.host.sh("virsh -q pool-list --all")).stdout;
  const files = async (): Promise<string> => (await laboratory.host.sh(`ls ${DISKS}`)).stdout;

  it("boots, counts on its data disk, and boots again", async () => {
    const { host, virtAppliance, untilOff } = laboratory;
    const { stdout } = await virtAppliance([
      "create",
      "hello",
      "vm1",
      ...OPTIONS,
      "--wait-boot",
      "60",
    ]);
    assert.equal(stdout, "vm1\n");
    assert.match(await untilOff("vm1"), /hello-appliance 1.0 boot 1\r?\n/);
    await host.sh("virsh -q start vm1");
    assert.match(await untilOff("vm1"), /hello-appliance 1.0 boot 2\r?\n/);
  });

  it("leave their bases to root before, while and after three of them run", async () => {
    const { host, virtAppliance, owners, untilOff } = laboratory;
    const expected = /^(root:root 444 .*\n)+$/;
    const before = await owners();
    assert.match(before, expected);
    const { stdout: digest } = await host.sh(`sha256sum ${BASES}/*`);
    const vms = ["a", "b", "c"];
    for (const vm of vms) {
      await virtAppliance(["create", "hello", vm, ...OPTIONS]);
      assert.equal(await owners(), before, `while ${vm} runs`);
      const { stdout } = await host.sh(
        `stat -c %U ${DISKS}/${vm}-system.qcow2; virsh domstate ${vm}`,
      );
      assert.match(stdout, /^(libvirt-qemu|qemu)\nrunning/);
    }
    for (const vm of vms) await untilOff(vm);
    assert.equal(await owners(), before);
    assert.equal((await host.sh(`sha256sum ${BASES}/*`)).stdout, digest);
  });

  it("are planned and printed without leaving a trace", async () => {
    const { virtAppliance } = laboratory;
    const before = { pools: await pools(), files: await files() };
    const { stdout: plan } = await virtAppliance([
      "create",
      "hello",
      "vm1",
      ...OPTIONS,
      "--dry-run",
    ]);
    assert.match(plan, /make .*vm1-system.qcow2, an overlay on/);
    assert.match(plan, /define the domain vm1\nstart vm1\n$/);
    const { stdout: xml } = await virtAppliance([
      "create",
      "hello",
      "vm1",
      ...OPTIONS,
      "--print-xml",
    ]);
    assert.match(xml, /^<domain[^]*<va:instance [^]*<\/domain>\n$/);
    assert.deepEqual({ pools: await pools(), files: await files() }, before);
    // A disk of the caller's in a folder that is no pool: virt-install would leave one.
    const extra = ["--", "--disk", "path=/srv/other.qcow2,size=1"];
    await virtAppliance(["create", "hello", "vm1", ...OPTIONS, "--print-xml", ...extra]);
    assert.deepEqual({ pools: await pools(), files: await files() }, before);
  });

  it("leave nothing behind when they cannot be started", async () => {
    const { host, virtAppliance } = laboratory;
    const before = await files();
    const args = ["create", "hello", "vm1", ...OPTIONS, "--", "--disk", "/dev/no-such-disk"];
    const bad = await virtAppliance(args, { accept: "any" });
    assert.notEqual(bad.exitCode, 0);
    const late = ["--", "--qemu-commandline=-no-such-option"];
    const failed = await virtAppliance(["create", "hello", "vm1", ...OPTIONS, ...late], {
      accept: "any",
    });
    assert.equal(failed.exitCode, 1, failed.stderr);
    assert.match(failed.stderr, /no-such-option/);
    assert.equal(await files(), before);
    assert.equal((await host.sh("virsh -q list --all")).stdout.trim(), "");
    assert.equal((await host.sh("ls /var/lib/virt-appliance/journal")).stdout, "");
  });

  it("are listed, shown and destroyed", async () => {
    const { host, virtAppliance } = laboratory;
    const before = await files();
    await virtAppliance(["create", "hello", "vm1", ...OPTIONS, "--no-start", "--autostart"]);
    const vms: unknown = JSON.parse((await virtAppliance(["vms", "--json"])).stdout);
    assert.ok(Array.isArray(vms));
    assert.equal(vms.length, 1);
    assert.match((await virtAppliance(["vms"])).stdout, /^vm1 +hello +1.0-1 +off /m);
    const { stdout } = await virtAppliance(["show-vm", "vm1"]);
    assert.match(stdout, /^vda system +system overlay,/m);
    assert.match((await virtAppliance(["list"])).stdout, /^hello +1.0-1 +x86_64 +ready +Hello$/m);
    assert.match((await virtAppliance(["show", "hello"])).stdout, /^disk scratch +scratch, 64/m);
    const running = await virtAppliance(["destroy", "nobody"], { accept: "any" });
    assert.match(running.stderr, /nobody: there is no such VM/);
    const kept = await virtAppliance(["destroy", "vm1", "--keep-data"]);
    assert.equal(kept.stdout, `${DISKS}/vm1-data.qcow2\n`);
    assert.equal((await host.sh("virsh -q list --all")).stdout.trim(), "");
    await host.sh(`rm ${DISKS}/vm1-data.qcow2`);
    assert.equal(await files(), before);
  });

  it("start after their package was upgraded and removed", async () => {
    const { host, virtAppliance, untilOff, owners } = laboratory;
    await virtAppliance(["create", "hello", "vm1", ...OPTIONS]);
    await untilOff("vm1");
    await host.sh("dnf -y -q upgrade && dnf -y -q remove hello-appliance-1.0");
    assert.match((await virtAppliance(["vms"])).stdout, /1.1-1 available/);
    await host.sh("virsh -q start vm1");
    assert.match(await untilOff("vm1"), /hello-appliance 1.0 boot 2/);
    assert.match(await owners(), /^(root:root 444 .*\n)+$/);
    await virtAppliance(["create", "hello", "vm2", ...OPTIONS]);
    assert.match(await untilOff("vm2"), /hello-appliance 1.1 boot 1/);
  });
});

describe("a tarball installed without a package", () => {
  it("is registered as by its package, and becomes a VM", async () => {
    await using laboratory = await openVmLaboratory(["1.0"]);
    const { host, virtAppliance, untilOff, owners } = laboratory;
    const { stdout } = await virtAppliance(["install", "/srv/built/hello-1.0.tar.gz"]);
    assert.equal(stdout, "hello-appliance-1.0-1\n");
    assert.match(await owners(), /^(root:root 444 .*\n)+$/);
    assert.match((await host.sh("virsh -q vol-list appliances")).stdout, /hello-appliance-1.0-1/);
    await virtAppliance(["create", "hello", "vm1", ...OPTIONS, "--copy", "--wait-boot"]);
    assert.match(await untilOff("vm1"), /hello-appliance 1.0 boot 1\r?\n/);
    const again = await virtAppliance(["install", "/srv/built/hello-1.0.tar.gz"], {
      accept: "any",
    });
    assert.equal(again.exitCode, 1);
    assert.match(again.stderr, /is there already/);
    await virtAppliance(["destroy", "vm1"]);
    assert.equal((await host.sh(`ls ${DISKS}`)).stdout, "appliances\n");
  });
});
