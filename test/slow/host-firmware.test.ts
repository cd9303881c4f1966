import assert from "node:assert/strict";
import { openVmHost, type VmHost } from "../fixtures/vm-host.ts";

const NVRAM = "/var/lib/libvirt/qemu/nvram";
const TPM = "/var/lib/libvirt/swtpm";
const MACHINE = "--boot uefi --tpm backend.type=emulator,backend.version=2.0,model=tpm-crb";
const OPTIONS = `--virt-type qemu --network user --no-start -- ${MACHINE}`.split(" ");

describe("a VM with UEFI and a TPM", function () {
  this.timeout(180_000);
  let testHost: VmHost;
  before(async () => {
    testHost = await openVmHost(["1.0", "1.1"]);
    await testHost.host.sh("dnf -y -q install hello-appliance-1.0 hello-appliance-1.1");
  });
  after(() => testHost[Symbol.asyncDispose]());

  /** Digest and path of the state that firmware and TPM left, and who the VM is. */
  const identity = async (vm: string): Promise<string> => {
    const { stdout } = await testHost.host.sh(
      `find ${NVRAM} ${TPM} -type f -not -name .lock -exec sha256sum {} + | sort -k 2
      virsh -q dumpxml --inactive $1 | grep -E '<uuid>|<mac address|<tpm |firmware='`,
      vm,
    );
    return stdout;
  };
  /** Has the firmware and the TPM begin to work; what runs on them does not. */
  const startOnce = async (vm: string): Promise<void> => {
    await testHost.host.sh("virsh -q start --paused $1 && virsh -q destroy $1", vm);
  };
  const states = async (): Promise<readonly string[]> => {
    const { stdout } = await testHost.host.sh(`ls -d ${NVRAM}/* ${TPM}/* 2>/dev/null || :`);
    return stdout.split("\n").filter((line) => line !== "");
  };

  it("keeps what both have stored, over update, rollback and starts", async () => {
    const { host, virtAppliance } = testHost;
    await virtAppliance(["create", "hello-1.0", "vm1", ...OPTIONS]);
    await host.sh("virsh -q start vm1");
    const fresh = await identity("vm1");
    assert.match(fresh, /vm1_VARS\.fd\n.*tpm2-00\.permall\n[^]*firmware='efi'[^]*<tpm /);
    // The firmware writes what it found into its variables, and then looks for a system.
    await host.sh(`
      until grep -q BdsDxe /var/log/libvirt/qemu/vm1-console.log; do sleep 0.2; done
      virsh -q destroy vm1`);
    const before = await identity("vm1");
    const [digest] = before.split(" ");
    assert.ok(digest !== undefined && !fresh.includes(digest));
    for (const command of ["update", "rollback", "update", "accept"]) {
      await virtAppliance([command, "vm1"]);
      assert.equal(await identity("vm1"), before, command);
      await startOnce("vm1");
      assert.equal(await identity("vm1"), before, `${command}, started`);
    }
  });

  it("leaves both to data that is kept, and nothing of them otherwise", async () => {
    const { virtAppliance } = testHost;
    const before = await states();
    assert.equal(before.length, 2);
    const kept = await virtAppliance(["destroy", "vm1", "--keep-data"]);
    assert.deepEqual(await states(), before);
    for (const state of before) assert.ok(kept.stdout.includes(`${state}\n`), kept.stdout);
    await virtAppliance(["create", "hello-1.0", "vm2", ...OPTIONS]);
    await startOnce("vm2");
    assert.equal((await states()).length, 4);
    await virtAppliance(["destroy", "vm2"]);
    assert.deepEqual(await states(), before);
  });
});
