import assert from "node:assert/strict";
import { installMute, installTalker } from "../fixtures/host-guests.ts";
import { BASES, openVmHost, type VmHost } from "../fixtures/vm-host.ts";
import { publicKey } from "../fixtures/site-settings.ts";

const DISKS = "/var/lib/libvirt/images";
const QEMU = ["--virt-type", "qemu"] as const;
/** The guest has no use for a network, and the simulated host's is not started. */
const OPTIONS = [...QEMU, "--network", "none"] as const;

describe("VMs of an appliance", () => {
  let testHost: VmHost;
  before(async () => {
    testHost = await openVmHost(["1.0", "1.1"]);
    await testHost.host.sh("dnf -y -q install hello-appliance-1.0");
  });
  after(() => testHost[Symbol.asyncDispose]());
  afterEach(async () => {
    await testHost.host.sh(`
      for vm in $(virsh list --all --name); do
        virsh -q destroy $vm; virsh -q undefine $vm; rm -f ${DISKS}/$vm-*
      done 2>/dev/null || :`);
  });

  const pools = async (): Promise<string> =>
    (await testHost.host.sh("virsh -q pool-list --all")).stdout;
  const files = async (): Promise<string> => (await testHost.host.sh(`ls ${DISKS}`)).stdout;

  it("boots, counts on its data disk, and boots again", async () => {
    const { host, virtAppliance, untilOff } = testHost;
    const { stdout } = await virtAppliance([
      "create",
      "hello",
      "vm1",
      ...OPTIONS,
      "--wait-boot",
      "300",
    ]);
    assert.equal(stdout, "vm1\n");
    assert.match(await untilOff("vm1"), /hello-appliance 1.0 boot 1\r?\n/);
    await host.sh("virsh -q start vm1");
    assert.match(await untilOff("vm1"), /hello-appliance 1.0 boot 2\r?\n/);
  });

  it("leave their bases to root before, while and after three of them run", async () => {
    const { host, virtAppliance, owners, untilOff } = testHost;
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
    const { host, virtAppliance, untilOff } = testHost;
    const before = { pools: await pools(), files: await files() };
    const { stdout: plan } = await virtAppliance([
      "create",
      "hello",
      "vm1",
      ...OPTIONS,
      "--dry-run",
    ]);
    assert.match(plan, /create .*vm1-system.qcow2, an overlay on/);
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
    const missing = await virtAppliance(["create", "hello", "vm1", ...OPTIONS, ...extra], {
      accept: "any",
    });
    assert.match(missing.stderr, /disk \/srv\/other.qcow2: missing; create it first/);
    assert.deepEqual({ pools: await pools(), files: await files() }, before);
    await host.sh("qemu-img create -q -f qcow2 /srv/other.qcow2 1M");
    await virtAppliance(["create", "hello", "vm1", ...OPTIONS, ...extra]);
    assert.match((await host.sh("virsh domblklist vm1")).stdout, /\/srv\/other.qcow2/);
    assert.equal(await pools(), before.pools);
    assert.match(await untilOff("vm1"), /hello-appliance 1.0 boot 1\r?\n/);
    assert.equal(await pools(), before.pools);
  });

  it("leave nothing behind when they cannot be started", async () => {
    const { host, virtAppliance } = testHost;
    const before = await files();
    const poolsBefore = await pools();
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
    assert.equal(await pools(), poolsBefore);
    assert.equal((await host.sh("virsh -q list --all")).stdout.trim(), "");
    assert.equal((await host.sh("ls /var/lib/virt-appliance/journal")).stdout, "");
  });

  it("are listed, shown and destroyed", async () => {
    const { host, virtAppliance } = testHost;
    const before = await files();
    await virtAppliance(["create", "hello", "vm1", ...OPTIONS, "--no-start", "--autostart"]);
    const vms: unknown = JSON.parse((await virtAppliance(["vms", "--json"])).stdout);
    assert.ok(Array.isArray(vms));
    assert.equal(vms.length, 1);
    const size = "(?:0 bytes|[\\d.]+ [KM]iB)";
    const row = `^vm1 +hello +1.0-1 +off +${size} +${size} +${size} +\\d{4}-\\d\\d-\\d\\d`;
    assert.match((await virtAppliance(["vms"])).stdout, new RegExp(row, "m"));
    const { stdout } = await virtAppliance(["show-vm", "vm1"]);
    assert.match(stdout, /^vda system +system overlay,/m);
    assert.match(stdout, /^title +Hello 1\.0$/m);
    assert.match((await host.sh("virsh -q list --all --title")).stdout, /vm1 .*Hello 1\.0$/m);
    assert.notEqual((await host.sh("virsh desc vm1")).stdout.trim(), "");
    assert.match((await virtAppliance(["list"])).stdout, /^hello +1.0-1 +x86_64 +ready +Hello$/m);
    assert.match((await virtAppliance(["show", "hello"])).stdout, /^disk scratch +scratch, 64/m);
    const { stdout: answer } = await virtAppliance(["check", "hello"]);
    assert.match(
      answer,
      /^hello: can run on this host, as boot 0 \(hvm, x86_64\) under (kvm|qemu)$/m,
    );
    const running = await virtAppliance(["destroy", "nobody"], { accept: "any" });
    assert.match(running.stderr, /nobody: no such VM/);
    const kept = await virtAppliance(["destroy", "vm1", "--keep-data"]);
    assert.match(kept.stderr, /^vm1: destroyed$/m);
    assert.equal(kept.stdout, `${DISKS}/vm1-data.qcow2\n`);
    assert.equal((await host.sh("virsh -q list --all")).stdout.trim(), "");
    await host.sh(`rm ${DISKS}/vm1-data.qcow2`);
    assert.equal(await files(), before);
  });

  it("are told their parameters, which the guest reads from a disk on the bus of its system", async () => {
    const { virtAppliance, untilOff } = testHost;
    await installTalker(testHost, ["hostname", "ssh-key", "user-data", "colour"]);
    const given = ["hostname=web7", `ssh-key=${publicKey}`, 'colour=dark "blue"'];
    const set = given.flatMap((parameter) => ["--set", parameter]);
    await virtAppliance(["create", "talker", "vm1", ...OPTIONS, ...set]);
    const said = (await untilOff("vm1")).replaceAll("\r", "");
    assert.match(said, /^hello-appliance 1.0 boot 1$/m);
    // Behind all others: what the descriptor calls vdb and vdc keeps these names.
    assert.match(said, /^parameters are on \/dev\/vdd$/m);
    assert.match((await testHost.host.sh("virsh dumpxml vm1")).stdout, /machine='pc-q35/);
    assert.match(said, /^meta-data: +"local-hostname": "web7"$/m);
    assert.match(said, /^user-data: #cloud-config$/m);
    assert.ok(said.includes(`"${publicKey}"`), said);
    assert.match(said, /^parameters\S*: +"colour": "dark \\"blue\\""$/m);
    const own = ["--set", "user-data=#!/bin/sh\necho as it is\n", "--set", `ssh-key=${publicKey}`];
    await virtAppliance(["create", "talker", "vm3", ...OPTIONS, ...own]);
    const also = (await untilOff("vm3")).replaceAll("\r", "");
    assert.match(also, /^user-data: echo as it is$/m);
    assert.match(also, /^meta-data: +"local-hostname": "vm3",$/m);
    assert.match(also, /^meta-data: +"public-keys": \[$/m);
    assert.ok(also.includes(`"${publicKey}"`), also);
    const args = ["create", "talker", "vm2", ...OPTIONS, "--set", "shape=round"];
    const refused = await virtAppliance(args, { accept: "any" });
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /shape/);
  });

  it("are reported when they run and say nothing", async () => {
    const { host, virtAppliance } = testHost;
    await installMute(testHost);
    const wait = ["--graphics", "none", "--wait-boot", "3"];
    const silent = await virtAppliance(["create", "mute", "vm1", ...OPTIONS, ...wait], {
      accept: "any",
    });
    assert.equal(silent.exitCode, 1, silent.stderr);
    assert.match(silent.stderr, /vm1: runs, but showed no sign of life for 3 s/);
    assert.equal((await host.sh("virsh domstate vm1")).stdout.trim(), "running");
  });

  it("start after their package was upgraded and removed", async () => {
    const { host, virtAppliance, untilOff, owners } = testHost;
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

  it("are made and destroyed once when two ask at the same time", async () => {
    const { host, program } = testHost;
    const before = await files();
    const twice = async (args: string): Promise<readonly string[]> => {
      const { stdout } = await host.sh(`
        for name in 1 2; do ( ${program} ${args} >/tmp/said-$name 2>&1; echo $? >>/tmp/said-$name ) & done
        wait; cat /tmp/said-1; echo ---; cat /tmp/said-2`);
      // The one that did it first.
      return stdout.split("---\n").sort((a, b) => Number(a.slice(-2)) - Number(b.slice(-2)));
    };
    const [made, refused = ""] = await twice(`create hello vm1 ${OPTIONS.join(" ")} --no-start`);
    assert.match(made ?? "", /^vm1\n0\n$/m);
    assert.match(refused, /a domain of this name exists[^]*\n1\n$/);
    assert.match((await host.sh("virsh -q list --all")).stdout, /^ - +vm1 +shut off\n$/);
    const [gone, unknown = ""] = await twice("destroy vm1");
    assert.match(gone ?? "", /0\n$/);
    assert.match(unknown, /no such VM[^]*\n1\n$/);
    assert.equal(await files(), before);
    assert.equal((await host.sh("ls /var/lib/virt-appliance/journal")).stdout, "");
  });

  it("are made while dnf installs another version", async () => {
    const { host, program, untilOff } = testHost;
    const { stdout, stderr } = await host.sh(`
      dnf -y -q install hello-appliance-1.0 >/tmp/dnf 2>&1 &
      for vm in a b c; do ${program} create hello-1.1 $vm ${OPTIONS.join(" ")} --no-start; done
      wait; cat /tmp/dnf`);
    assert.match(stdout, /^a\nb\nc\n/);
    assert.doesNotMatch(stdout + stderr, /scriptlet/i);
    assert.equal((await host.sh("rpm -q hello-appliance")).stdout.trim().split("\n").length, 2);
    await host.sh("virsh -q start c");
    assert.match(await untilOff("c"), /hello-appliance 1.1 boot 1/);
  });
});

describe("a tarball installed without a package", () => {
  it("is registered as by its package, and becomes a VM", async () => {
    await using testHost = await openVmHost(["1.0"]);
    const { host, virtAppliance, untilOff, owners } = testHost;
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
    assert.match(again.stderr, /hello-appliance-1\.0-1: already installed\n {2}hint: .*--release/);
    await virtAppliance(["destroy", "vm1"]);
    assert.equal((await host.sh(`ls ${DISKS}`)).stdout, "appliances\n");
  });

  it("goes again by itself, and leaves what a package brought to dnf", async () => {
    await using testHost = await openVmHost(["1.0", "1.1"]);
    const { host, virtAppliance, untilOff } = testHost;
    await virtAppliance(["install", "/srv/built/hello-1.0.tar.gz"]);
    await host.sh("dnf -y -q install hello-appliance-1.1");
    await virtAppliance(["create", "hello-1.0", "vm1", ...OPTIONS]);
    await untilOff("vm1");
    const packaged = await virtAppliance(["uninstall", "hello-1.1"], { accept: "any" });
    assert.equal(packaged.exitCode, 1);
    assert.match(packaged.stderr, /catalog.d\/\S+: belongs to hello-appliance-1.1-1.x86_64/);
    assert.match(packaged.stderr, /hint: dnf remove hello-appliance-1.1-1 /);
    const several = await virtAppliance(["uninstall", "hello"], { accept: "any" });
    assert.match(several.stderr, /hello: 2 versions are installed/);
    const { stdout, stderr } = await virtAppliance(["uninstall", "hello-1.0"]);
    assert.equal(stdout, "hello-appliance-1.0-1\n");
    assert.match(stderr, /hello-appliance-1.0-1-system.qcow2: kept for .*domain vm1/);
    assert.doesNotMatch((await virtAppliance(["list"])).stdout, /1\.0/);
    assert.doesNotMatch((await host.sh("virt-install --osinfo list")).stdout, /hello1.0/);
    const left =
      "find / -xdev -path /srv -prune -o -path /proc -prune -o -path '*/locks' -prune -o -name '*hello*1.0-1*' -print";
    const bases = `${BASES}/hello-appliance-1.0-1-`;
    for (const file of (await host.sh(left)).stdout.trim().split("\n"))
      assert.ok(file.startsWith(bases) || file.includes("/bases/"), file);
    await virtAppliance(["gc", "--grace", "0"]);
    await host.sh("virsh -q start vm1");
    assert.match(await untilOff("vm1"), /hello-appliance 1.0 boot 2\r?\n/);
    await virtAppliance(["destroy", "vm1"]);
    await virtAppliance(["gc", "--grace", "0"]);
    assert.equal((await host.sh(left)).stdout, "");
    const built = "rpm -V hello-appliance && virt-install --osinfo list | grep -o hello1.1-1";
    assert.equal((await host.sh(built)).stdout, "hello1.1-1\n");
  });
});
