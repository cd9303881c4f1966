import assert from "node:assert/strict";
import { BASES, openVmHost, type VmHost } from "../fixtures/vm-host.ts";

const DISKS = "/var/lib/libvirt/images";
/** The guest has no use for a network, and the simulated host's is not started. */
const OPTIONS = ["--virt-type", "qemu", "--network", "none"] as const;
const CHECK = ["--verify", "console:hello-appliance", "--verify-timeout", "300"] as const;

describe("updates of real VMs", function () {
  this.timeout(600_000);
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
      done 2>/dev/null || :
      rm -rf /var/lib/virt-appliance/definitions`);
  });

  const files = async (): Promise<string> => (await testHost.host.sh(`ls ${DISKS}`)).stdout;
  const journal = async (): Promise<string> =>
    (await testHost.host.sh("ls /var/lib/virt-appliance/journal")).stdout;

  /** Makes a VM of 1.0 that has booted once, and installs 1.1. */
  async function makeVm(vm = "vm1"): Promise<void> {
    const { virtAppliance, untilOff, host } = testHost;
    await virtAppliance(["create", "hello-1.0", vm, ...OPTIONS]);
    assert.match(await untilOff(vm), /hello-appliance 1.0 boot 1\r?\n/);
    await host.sh("dnf -y -q upgrade");
  }

  async function boot(vm = "vm1"): Promise<string> {
    await testHost.host.sh(`virsh -q start ${vm}`);
    const said = await testHost.untilOff(vm);
    return /hello-appliance (.*boot \d+)/.exec(said)?.[1] ?? said;
  }

  it("data disks keep the boot count over 1.0, 1.1, back to 1.0, 1.1 again and accept", async () => {
    await makeVm();
    const { virtAppliance, owners } = testHost;
    const before = await owners();
    const { stdout } = await virtAppliance(["update", "vm1"]);
    assert.equal(stdout, "vm1 1.0-1 -> 1.1-1\n");
    assert.equal(await boot(), "1.1 boot 2");
    assert.match((await virtAppliance(["vms"])).stdout, /^vm1 .*1.1-1 .*update pending/m);
    await virtAppliance(["rollback", "vm1"]);
    assert.equal(await boot(), "1.0 boot 3");
    await virtAppliance(["update", "vm1", ...CHECK]);
    await testHost.untilOff("vm1");
    const accepted = await virtAppliance(["accept", "vm1"]);
    assert.match(accepted.stderr, /disk system: .*vm1-system.qcow2 is deleted \(/);
    assert.equal(await boot(), "1.1 boot 5");
    assert.equal(await owners(), before);
    assert.equal(
      (await files()).replace("appliances\n", ""),
      "vm1-1.1-1-scratch.qcow2\nvm1-1.1-1-system.qcow2\nvm1-data.qcow2\n",
    );
    assert.equal(await journal(), "");
  });

  it("take less than a second of the processor's time when the VM is off", async () => {
    await makeVm();
    const { host } = testHost;
    const script = `
      import { readFileSync } from "node:fs";
      import { openHost } from "/srv/virt-appliance/src/host/index.ts";
      import { testContext } from "/srv/virt-appliance/test/support/context.ts";
      const host = await openHost(testContext());
      const request = { to: undefined, stopSeconds: undefined, start: "as-before", verify: undefined };
      // Of this process and of the programs that it has called, in milliseconds: a busy machine does not change it.
      const cpuMs = () => {
        const fields = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1).split(" ");
        return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
      };
      const times = [];
      for (let i = 0; i < 5; i += 1) {
        const started = cpuMs();
        await host.update("vm1", request);
        times.push(cpuMs() - started);
        await host.rollback("vm1", request);
      }
      console.log(Math.min(...times));`;
    const { stdout } = await host.run([
      process.execPath,
      "--import",
      "file:///srv/virt-appliance/node_modules/tsx/dist/loader.mjs",
      "--input-type=module",
      "-e",
      script,
    ]);
    const milliseconds = Number(stdout);
    assert.ok(milliseconds > 0 && milliseconds < 1000, stdout);
    console.log(`      update of a VM that is off: ${milliseconds.toFixed(0)} ms`);
  });

  it("keep what the administrator changed, passwords included", async () => {
    await makeVm();
    const { host, virtAppliance } = testHost;
    await host.sh(`
      virsh -q dumpxml --inactive --security-info vm1 >/tmp/vm1.xml
      sed -i 's#</devices>#<graphics type="vnc" port="-1" autoport="yes" passwd="secret1"/></devices>#' /tmp/vm1.xml
      sed -i 's#<memory.*#<memory unit="KiB">393216</memory>#; s#<currentMemory.*#<currentMemory unit="KiB">393216</currentMemory>#' /tmp/vm1.xml
      virsh -q define /tmp/vm1.xml`);
    const facts =
      "virsh -q dumpxml --inactive --security-info vm1 | grep -E 'passwd|<memory|<uuid'";
    const before = (await host.sh(facts)).stdout;
    assert.match(before, /secret1/);
    for (const command of ["update", "rollback"]) {
      await virtAppliance([command, "vm1"]);
      assert.equal((await host.sh(facts)).stdout, before, command);
    }
    const journals = await host.sh("grep -rl secret1 /var/lib/virt-appliance || :");
    assert.equal(journals.stdout, "");
  });

  it("are refused while the VM runs, and nothing is changed", async () => {
    await makeVm();
    const { host, virtAppliance } = testHost;
    const before = await files();
    await host.sh("virsh -q start vm1 && virsh -q suspend vm1");
    const refused = await virtAppliance(["update", "vm1"], { accept: "any" });
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /it is running; shut it down, or use --stop/);
    await host.sh("virsh -q managedsave vm1");
    const saved = await virtAppliance(["update", "vm1"], { accept: "any" });
    assert.match(saved.stderr, /it has a saved state/);
    assert.equal(await files(), before);
    await host.sh("virsh -q managedsave-remove vm1");
  });

  it("grow disks of VMs that run and that are off", async () => {
    await makeVm();
    const { host, virtAppliance, untilOff } = testHost;
    const size = `qemu-img info -U --output=json ${DISKS}/vm1-data.qcow2 | grep virtual-size`;
    const off = await virtAppliance(["grow", "vm1", "data", "+16M"]);
    assert.equal(off.stdout, "vm1 data 64.0 MiB -> 80.0 MiB\n");
    assert.match(off.stderr, /at its next start/);
    await host.sh("virsh -q start vm1 && virsh -q suspend vm1");
    const on = await virtAppliance(["grow", "vm1", "vdb", "96M"]);
    assert.match(on.stderr, /sees the new size now[^]*growpart \/dev\/vdb 1/);
    assert.match((await host.sh("virsh domblkinfo vm1 vdb")).stdout, /Capacity: +100663296/);
    await host.sh("virsh -q resume vm1");
    await untilOff("vm1");
    assert.match((await host.sh(size)).stdout, /100663296/);
    const smaller = await virtAppliance(["grow", "vm1", "data", "1M"], { accept: "any" });
    assert.match(smaller.stderr, /cannot shrink/);
    assert.equal(await boot(), "1.0 boot 3");
  });

  describe("to a version that never comes up", () => {
    before(async () => {
      // A system disk whose kernel finds no root, as a package would bring it.
      const { host } = testHost;
      const catalogue = "/usr/share/virt-appliance/catalog.d";
      await host.sh(`
        dnf -y -q install hello-appliance-1.1
        cd ${BASES}
        qemu-img convert -O raw hello-appliance-1.1-1-system.qcow2 /tmp/system.raw
        echo nothing >/tmp/nothing
        MTOOLS_SKIP_CHECK=1 mcopy -o -i /tmp/system.raw@@1048576 /tmp/nothing ::initrd.gz
        qemu-img convert -O qcow2 /tmp/system.raw hello-appliance-1.2-1-system.qcow2
        cp hello-appliance-1.1-1-data.qcow2 hello-appliance-1.2-1-data.qcow2
        chmod 0444 hello-appliance-1.2-1-*
        cp -r ${catalogue}/hello-appliance-1.1-1 ${catalogue}/hello-appliance-1.2-1
        cd ${catalogue}/hello-appliance-1.2-1
        sed -i 's/1\\.1/1.2/g' catalogue.json appliance.xml`);
      const file = `${catalogue}/hello-appliance-1.2-1/catalogue.json`;
      const { stdout } = await host.sh(
        `stat -c %s ${BASES}/hello-appliance-1.2-1-system.qcow2; sha256sum ${BASES}/hello-appliance-1.2-1-system.qcow2`,
      );
      const [bytes = "", digest = ""] = stdout.split(/\s+/);
      const entry = JSON.parse(await host.readText(file)) as { bases: Record<string, unknown>[] };
      entry.bases = entry.bases.map((base) =>
        base["role"] === "system" ? { ...base, bytes: Number(bytes), sha256: digest } : base,
      );
      await host.writeText(file, JSON.stringify(entry));
    });

    it("are taken back by themselves, and the console log is kept", async () => {
      const { host, virtAppliance, owners } = testHost;
      await makeVm();
      const before = { files: await files(), owners: await owners() };
      const xml = (await host.sh("virsh dumpxml vm1")).stdout;
      const check = ["--verify", "console:hello-appliance", "--verify-timeout", "10"];
      const failed = await virtAppliance(["update", "vm1", ...check], { accept: "any" });
      assert.equal(failed.exitCode, 3, failed.stderr);
      assert.match(failed.stderr, /vm1: did not come up: its console did not print/);
      assert.match(failed.stderr, /it was rolled back to 1.0-1/);
      const log = /console log is (\S+)/.exec(failed.stderr)?.[1];
      assert.ok(log !== undefined, failed.stderr);
      assert.match(await host.readText(log), /Kernel panic/);
      assert.deepEqual({ files: await files(), owners: await owners() }, before);
      assert.equal((await host.sh("virsh dumpxml vm1")).stdout, xml);
      assert.equal(await boot(), "1.0 boot 2");
      assert.equal(await journal(), "");
    });

    it("are taken back by the next command when they were killed while being checked", async () => {
      const { host, virtAppliance } = testHost;
      await makeVm();
      const before = await files();
      const check = ["--verify", "console:never", "--verify-timeout", "100"];
      const killed = virtAppliance(["update", "vm1", ...check]).then(
        () => false,
        () => true,
      );
      await host.sh('until [ "$(virsh domstate vm1)" = running ]; do sleep 0.2; done');
      await host.sh(`
        for process in /proc/[0-9]*; do
          if tr '\\0' ' ' <$process/cmdline | grep -q '^[^ ]*node .*console:never'; then
            kill -9 "\${process##*/}"
          fi
        done 2>/dev/null || :`);
      assert.ok(await killed);
      assert.notEqual(await files(), before);
      const next = await virtAppliance(["grow", "vm1", "data", "+1M"]);
      assert.match(next.stderr, /vm1: an interrupted update was undone/);
      assert.equal(await files(), before);
      // What was checked may have come up while it was asked to shut down, and counts on its data disk.
      assert.match(await boot(), /^1\.0 boot [23]$/);
    });

    it("end a run over all VMs at the first one", async () => {
      const { host, virtAppliance } = testHost;
      for (const vm of ["a1", "a2", "b1"]) await makeVm(vm);
      const check = ["--verify", "console:hello-appliance", "--verify-timeout", "5"];
      const all = await virtAppliance(["update", "--all", "--name", "a*", ...check, "--json"], {
        accept: "any",
      });
      assert.equal(all.exitCode, 3, all.stderr);
      const outcomes = JSON.parse(all.stdout) as { vm: string; outcome: string }[];
      assert.deepEqual(
        outcomes.map(({ vm, outcome }) => [vm, outcome]),
        [
          ["a1", "unhealthy"],
          ["a2", "not-tried"],
        ],
      );
      for (const vm of ["a1", "a2", "b1"]) assert.equal(await boot(vm), "1.0 boot 2");
      await host.sh("rm -r /usr/share/virt-appliance/catalog.d/hello-appliance-1.2-1");
      const plans = await virtAppliance(["update", "--all", "--dry-run"]);
      assert.match(plans.stdout, /^VM +FROM +TO +OUTCOME\na1 +1.0-1 +1.1-1 +planned\n/m);
      assert.match(plans.stdout, /b1: create .*b1-1.1-1-system.qcow2, an overlay on/);
      const table = await virtAppliance([
        "update",
        "--all",
        "--max-parallel",
        "2",
        ...CHECK,
        "--accept",
      ]);
      assert.match(table.stdout, /^VM +FROM +TO +OUTCOME\na1 +1.0-1 +1.1-1 +updated\n/);
      for (const vm of ["a1", "a2", "b1"]) {
        await testHost.untilOff(vm);
        assert.equal(await boot(vm), "1.1 boot 4");
      }
    });
  });
});
