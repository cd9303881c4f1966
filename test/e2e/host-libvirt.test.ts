import assert from "node:assert/strict";
import type { SimulatedHost } from "../../examples/simulated-host/simulated-host.ts";
import { directory, packagePlan } from "../fixtures/package-plan.ts";
import {
  BASE_DIR,
  type PackageHost,
  openPackageHost,
  resetHost,
  stateOf,
} from "../fixtures/package-host.ts";

const base = (version: string): string => `web-appliance-${version}-1-system.qcow2`;

/** Pools by name: `appliances active yes`. */
async function pools(host: SimulatedHost): Promise<string[]> {
  const { stdout } = await host.sh("virsh -q pool-list --all | awk '{ print $1, $2, $3 }' | sort");
  return stdout.split("\n").filter((line) => line !== "");
}

async function volumes(host: SimulatedHost, pool = "appliances"): Promise<string[]> {
  const { stdout } = await host.sh("virsh -q vol-list $1 | awk '{ print $1 }' | sort", pool);
  return stdout.split("\n").filter((line) => line !== "");
}

async function forgetPools(host: SimulatedHost): Promise<void> {
  await host.sh(
    "for pool in $(virsh pool-list --all --name); do virsh -q pool-destroy $pool; virsh -q pool-undefine $pool; done 2>/dev/null || :",
  );
}

describe("appliances and libvirt", () => {
  let testHost: PackageHost;
  let host: SimulatedHost;
  before(async () => {
    const lateLibvirt = packagePlan({
      name: "late-libvirt",
      entries: [directory("/etc/libvirt/storage/autostart", { mode: 0o700 })],
    });
    testHost = await openPackageHost(
      ["1.0", "1.1"].map((version) => ({ name: "web", version })),
      [lateLibvirt],
    );
    ({ host } = testHost);
    await host.startLibvirt();
  });
  after(() => testHost.dispose());
  beforeEach(async () => {
    await forgetPools(host);
    await resetHost(host);
  });

  it("are volumes of an autostarted pool after dnf install, upgrade and remove", async () => {
    await host.sh("dnf -y -q install web-appliance-1.0");
    assert.deepEqual(await pools(host), ["appliances active yes"]);
    assert.deepEqual(await volumes(host), [base("1.0")]);
    await host.sh("dnf -y -q upgrade");
    assert.deepEqual(await volumes(host), [base("1.0"), base("1.1")]);
    await host.sh("dnf -y -q remove web-appliance-1.0");
    assert.deepEqual(await volumes(host), [base("1.0"), base("1.1")]);
    const { stdout } = await host.sh("cat /var/lib/virt-appliance/registered/web-appliance-1.1-1");
    assert.match(stdout, /^status: complete\npool: appliances, active$/m);
  });

  it("share a pool that the administrator made for the directory", async () => {
    await host.sh(`mkdir -p ${BASE_DIR}; virsh -q pool-create-as mine dir --target ${BASE_DIR}`);
    await host.sh("dnf -y -q install web-appliance-1.0");
    assert.deepEqual(await pools(host), ["mine active no"]);
    assert.deepEqual(await volumes(host, "mine"), [base("1.0")]);
  });

  it("start a pool that is not active", async () => {
    await host.sh("dnf -y -q install web-appliance-1.0; virsh -q pool-destroy appliances");
    await host.sh("dnf -y -q reinstall web-appliance-1.0");
    assert.deepEqual(await pools(host), ["appliances active yes"]);
  });

  it("leave a pool of the same name with another directory alone, and say so", async () => {
    await host.sh(
      "mkdir -p /srv/theirs; virsh -q pool-create-as appliances dir --target /srv/theirs",
    );
    const { stdout } = await host.sh("dnf -y install web-appliance-1.0 2>&1");
    assert.match(stdout, /pool appliances: exists with the directory \/srv\/theirs.*POOL_NAME/);
    assert.match(stdout, /Complete!/);
    assert.match(await host.sh("virsh pool-dumpxml appliances").then((r) => r.stdout), /theirs/);
    assert.deepEqual((await stateOf(host)).bases, [base("1.0")]);
    await host.writeText("/etc/virt-appliance/host.conf", "POOL_NAME=bases\n");
    await host.run(["/usr/libexec/virt-appliance/reconcile"]);
    assert.deepEqual(await pools(host), ["appliances active no", "bases active yes"]);
    assert.deepEqual((await stateOf(host)).registered, ["web-appliance-1.0-1: complete"]);
    await host.sh("rm /etc/virt-appliance/host.conf");
  });

  it("are there when a daemon that was down starts", async () => {
    await host.stopLibvirt();
    try {
      await host.sh("dnf -y -q install web-appliance-1.0");
    } finally {
      await host.startLibvirt();
    }
    assert.deepEqual(await pools(host), ["appliances active yes"]);
    assert.deepEqual(await volumes(host), [base("1.0")]);
    await host.sh("dnf -y -q upgrade");
    assert.deepEqual(await pools(host), ["appliances active yes"]);
    assert.deepEqual(await volumes(host), [base("1.0"), base("1.1")]);
  });

  it("are made known to a libvirt that is installed after them", async () => {
    await host.stopLibvirt();
    await host.sh("mv /etc/libvirt /etc/libvirt.away");
    try {
      await host.sh("dnf -y -q install web-appliance-1.0");
      const record = "/var/lib/virt-appliance/registered/web-appliance-1.0-1";
      assert.match(await host.readText(record), /^pool: libvirt is not installed$/m);
      await host.sh("dnf -y -q install late-libvirt");
      await host.sh("test -f /etc/libvirt/storage/appliances.xml");
      assert.match(await host.readText(record), /^pool: appliances, active once/m);
    } finally {
      await host.sh("rm -rf /etc/libvirt; mv /etc/libvirt.away /etc/libvirt");
      await host.startLibvirt();
    }
  });

  it("do not wait long for a daemon that hangs", async () => {
    await host.sh("kill -STOP $(cat /run/libvirtd.pid)");
    const started = Date.now();
    try {
      await host.sh("dnf -y -q install web-appliance-1.0");
    } finally {
      await host.sh("kill -CONT $(cat /run/libvirtd.pid)");
    }
    assert.ok(Date.now() - started < 30_000);
    assert.deepEqual((await stateOf(host)).bases, [base("1.0")]);
    await host.run(["/usr/libexec/virt-appliance/reconcile"]);
    assert.deepEqual(await pools(host), ["appliances active yes"]);
  });

  it("are known to virt-install: vCPUs, memory and devices, by either short id", async () => {
    await host.sh("dnf -y -q install web-appliance-1.0");
    const list = await host.run(["virt-install", "--osinfo", "list"]);
    assert.deepEqual([list.stderr, /^web1\.0, web1\.0-1$/m.test(list.stdout)], ["", true]);
    for (const osinfo of ["web1.0", "web1.0-1"]) {
      const { stdout } = await host.sh(
        `virt-install --print-xml --dry-run --name vm --osinfo ${osinfo} --import --virt-type qemu \
          --network none --disk vol=appliances/${base("1.0")},readonly=on`,
      );
      assert.match(stdout, /<libosinfo:os id="http:\/\/virt-appliance\/web\/1\.0-1"\/>/);
      assert.match(stdout, /<memory>262144<\/memory>/);
      assert.match(stdout, /<vcpu>1<\/vcpu>/);
      assert.match(stdout, /bus="virtio"/);
    }
    assert.deepEqual(await pools(host), ["appliances active yes"]);
  });

  it("carry VMs that plain virt-install made, through upgrade and removal", async () => {
    await host.sh("dnf -y -q install web-appliance-1.0");
    const digest = (await host.sh(`sha256sum ${BASE_DIR}/*`)).stdout;
    await host.sh(
      `virt-install --name vm1 --osinfo web1.0 --import --virt-type qemu --network none --graphics none \
        --noautoconsole --disk path=$1,size=1,backing_store=$2,backing_format=qcow2`,
      "/var/lib/libvirt/images/vm1.qcow2",
      `${BASE_DIR}/${base("1.0")}`,
    );
    try {
      for (const change of ["upgrade", "remove web-appliance-1.0", "remove web-appliance"]) {
        await host.sh(`dnf -y -q ${change}`);
        await host.sh("virsh -q destroy vm1; virsh -q start vm1");
        assert.equal((await host.sh("virsh domstate vm1")).stdout.trim(), "running", change);
      }
      assert.equal((await host.sh(`sha256sum ${BASE_DIR}/${base("1.0")}`)).stdout, digest);
      await host.sh(`qemu-img check -q -U /var/lib/libvirt/images/vm1.qcow2`);
    } finally {
      await host.sh("virsh -q destroy vm1; virsh -q undefine vm1 --remove-all-storage || :");
    }
  });
});
