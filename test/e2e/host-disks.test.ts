import assert from "node:assert/strict";
import { BASES, openVmHost, type VmHost } from "../fixtures/vm-host.ts";

const DISKS = "/var/lib/libvirt/images";
const OPTIONS = ["--virt-type", "qemu", "--network", "none"] as const;

describe("disks of a VM and its package", () => {
  let testHost: VmHost;
  before(async () => {
    testHost = await openVmHost(["1.0", "1.1"]);
    const { host, virtAppliance, untilOff } = testHost;
    await host.sh("dnf -y -q install hello-appliance-1.0");
    await virtAppliance(["create", "hello", "vm1", ...OPTIONS]);
    await untilOff("vm1");
  });
  after(() => testHost[Symbol.asyncDispose]());

  const digests = async (): Promise<string> =>
    (await testHost.host.sh(`cd ${DISKS} && sha256sum vm1-*`)).stdout;
  const bases = async (): Promise<readonly string[]> =>
    (await testHost.host.sh(`sha256sum ${BASES}/*`)).stdout.trimEnd().split("\n");

  it("stay as they are when it is upgraded [system / dnf upgrade] [data / dnf upgrade] [scratch / dnf upgrade]", async () => {
    const before = { disks: await digests(), bases: await bases() };
    for (const role of ["system", "data", "scratch"]) assert.match(before.disks, new RegExp(role));
    await testHost.host.sh("dnf -y -q upgrade");
    assert.equal(await digests(), before.disks);
    const after = await bases();
    assert.ok(after.length > before.bases.length, after.join("\n"));
    for (const line of before.bases) assert.ok(after.includes(line), line);
  });

  it("stay as they are when it is removed, and the VM goes on [system / dnf remove] [data / dnf remove] [scratch / dnf remove]", async () => {
    const { host, untilOff } = testHost;
    const before = { disks: await digests(), bases: await bases() };
    await host.sh("dnf -y -q remove hello-appliance");
    assert.equal(await digests(), before.disks);
    assert.deepEqual(await bases(), before.bases);
    await host.sh("virsh -q start vm1");
    assert.match(await untilOff("vm1"), /hello-appliance 1.0 boot 2\r?\n/);
  });
});
