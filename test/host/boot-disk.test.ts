import assert from "node:assert/strict";
import { createVm } from "../../src/host/create/create.ts";
import { bootFrom } from "../../src/host/create/boot-disk.ts";
import { bootOrderOf, parseDomain } from "../../src/libvirt/index.ts";
import { openHostFixture, request } from "../fixtures/memory-host.ts";
import {
  addVersion,
  firstDisks,
  updateTools,
  type VersionDisk,
} from "../fixtures/appliance-versions.ts";

/** Returns the devices that a domain tries, the first one first. */
function tried(xml: string): readonly (string | undefined)[] {
  return bootOrderOf(parseDomain(xml)).tried.map(({ target }) => target);
}

const at = (id: string, target: string | null): VersionDisk => {
  const found = firstDisks.find((disk) => disk.id === id);
  if (found === undefined) throw new TypeError(id);
  return { ...found, target };
};

describe("a VM whose system disk is not the first device", () => {
  for (const [what, expected, disks] of [
    ["the first drive", "vdb", [at("system", "vdb"), at("data", "vda")]],
    ["a later drive", "vdb", [at("data", "vda"), at("system", "vdb")]],
    // virt-install gives this machine IDE disks.
    ["a later drive without a device", "hdb", [at("data", null), at("system", null)]],
  ] as const)
    it(`boots it, named by ${what}`, async () => {
      await using host = await openHostFixture();
      await addVersion(host, { disks });
      await createVm(await host.open(), request({ start: false }));
      const xml = await host.libvirt.dumpXml("vm1");
      assert.deepEqual(tried(xml), [expected]);
      assert.doesNotMatch(xml, /<boot dev=/);
      await addVersion(host, { version: "1.1", disks });
      await updateTools(() => host).update();
      const updated = await host.libvirt.dumpXml("vm1");
      assert.deepEqual(tried(updated), [expected]);
      assert.match(updated, /1\.1-1-system\.qcow2/);
    });

  const domain = (os: string, more = ""): string => `<domain><name>x</name>
    <os><type>hvm</type>${os}</os><devices>
    <disk device="disk"><target dev="vda" bus="virtio"/>${more}</disk>
    <disk device="disk"><target dev="vdb" bus="virtio"/></disk>
    <disk device="cdrom"><target dev="sda" bus="sata"/></disk>
    <interface type="user"/></devices></domain>`;

  it("tries everything else that was asked for, in its place", () => {
    const xml = bootFrom(domain('<boot dev="cdrom"/><boot dev="network"/><boot dev="hd"/>'), "vdb");
    assert.deepEqual(tried(xml), ["sda", "vdb"]);
    assert.match(xml, /<interface type="user"><boot order="2"\/>/);
  });

  it("keeps an order that devices have, and a machine that boots no disk", () => {
    for (const xml of [domain("", '<boot order="1"/>'), domain('<boot dev="network"/>')])
      assert.equal(bootFrom(xml, "vdb"), xml);
  });
});
