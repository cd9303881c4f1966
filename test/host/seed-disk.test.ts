import assert from "node:assert/strict";
import { createVm } from "../../src/host/create/create.ts";
import { attachSeed, detachSeed } from "../../src/host/domain/seed-disk.ts";
import { exportVm } from "../../src/host/export/export.ts";
import { readInstance } from "../../src/host/instance/instance-xml.ts";
import { editXml, elementOf, elementsOf } from "../../src/lib/xml/edit.ts";
import { bootOrderOf, parseDomain } from "../../src/libvirt/index.ts";
import path from "node:path";
import { adoptDomain } from "../../src/host/adopt/adopt.ts";
import { type HostFixture, openHostFixture, request } from "../fixtures/memory-host.ts";
import {
  addVersion,
  cloneVm,
  editDomain,
  firstDisks,
  updateTools,
  type VersionDisk,
} from "../fixtures/appliance-versions.ts";

const disk = (dev: string, bus: string, device = "disk"): string =>
  `<disk type="file" device="${device}"><driver name="qemu" type="qcow2"/><source file="/${dev}"/><target dev="${dev}" bus="${bus}"/></disk>`;

const domain = (...disks: readonly string[]): string =>
  `<domain><name>x</name><os><type>hvm</type><boot dev="hd"/></os><devices>${disks.join("")}</devices></domain>`;

function attached(xml: string, beside: string | undefined): string {
  return editXml(xml, "domain", (root) => {
    const devices = elementOf(root, "devices");
    assert.ok(devices !== undefined);
    attachSeed(devices, "/seed.iso", beside);
  });
}

describe("the disk with the parameters", () => {
  const cases: readonly (readonly [string, readonly string[], string | undefined, string])[] = [
    ["virtio", [disk("vda", "virtio"), disk("vdb", "virtio")], "vda", "disk vdz virtio"],
    [
      "virtio, where the last name is taken",
      [disk("vda", "virtio"), disk("vdz", "virtio")],
      "vda",
      "disk vdy virtio",
    ],
    [
      "scsi, one behind the last",
      [disk("sda", "scsi"), disk("sdc", "scsi")],
      "sda",
      "disk sdd scsi",
    ],
    ["usb", [disk("sda", "usb")], "sda", "disk sdb usb"],
    ["xen", [disk("xvda", "xen")], "xvda", "disk xvdz xen"],
    [
      "sata, as a disc: there are no read-only disks",
      [disk("sda", "sata")],
      "sda",
      "cdrom sdb sata",
    ],
    [
      "ide, as a disc in a free place",
      [disk("hda", "ide"), disk("hdd", "ide")],
      "hda",
      "cdrom hdb ide",
    ],
    [
      "sata when ide is full",
      ["hda", "hdb", "hdc", "hdd"].map((dev) => disk(dev, "ide")),
      "hda",
      "cdrom sda sata",
    ],
    [
      "the bus of the system, not of the first disk",
      [disk("sda", "sata"), disk("vda", "virtio")],
      "vda",
      "disk vdz virtio",
    ],
    ["sata beside a disc that is booted", [disk("sda", "sata", "cdrom")], "sda", "cdrom sdb sata"],
    ["virtio where there are no disks", [], undefined, "disk vdz virtio"],
  ];
  for (const [what, disks, beside, expected] of cases)
    it(`is on ${what}`, () => {
      const { disks: found } = parseDomain(attached(domain(...disks), beside));
      assert.equal(found.length, disks.length + 1);
      const seed = found.find(({ source }) => source === "/seed.iso");
      assert.equal(`${seed?.device} ${seed?.target} ${seed?.bus}`, expected);
      assert.deepEqual([seed?.isReadOnly, seed?.format], [true, "raw"]);
    });

  it("is never the one that is booted", () => {
    const xml = attached(domain(disk("vdy", "virtio")), "vdy");
    assert.deepEqual(
      bootOrderOf(parseDomain(xml)).tried.map(({ target }) => target),
      ["vdy"],
    );
  });

  it("makes room for disks that are added, and comes behind them at another address", () => {
    const seed = disk("sdb", "scsi").replace(
      "</disk>",
      '<readonly/><address type="drive" unit="1"/></disk>',
    );
    let target: string | undefined;
    const xml = editXml(domain(disk("sda", "scsi"), seed), "domain", (root) => {
      const devices = elementOf(root, "devices");
      assert.ok(devices !== undefined);
      const attach = detachSeed(devices, "sdb");
      assert.equal(elementsOf(devices, "disk").length, 1);
      attachSeed(devices, "/new", "sda");
      target = attach?.();
    });
    assert.equal(target, "sdc");
    assert.doesNotMatch(xml, /<address/);
    assert.deepEqual(
      parseDomain(xml).disks.map((each) => `${each.target} ${each.source}`),
      ["sda /sda", "sdb /new", "sdc /sdb"],
    );
  });
});

describe("a VM with parameters", () => {
  const parameters = '<va:parameter name="hostname"/>';
  const withLogs: readonly VersionDisk[] = [
    ...firstDisks,
    { id: "logs", role: "data", sizeMiB: 4, format: "qcow2" },
  ];
  let host: HostFixture;
  beforeEach(async () => {
    host = await openHostFixture();
    await addVersion(host, { more: parameters });
    await createVm(await host.open(), request({ start: false, parameters: { hostname: "web7" } }));
  });
  afterEach(() => host[Symbol.asyncDispose]());
  const { update, rollback } = updateTools(() => host);

  const devices = async (vm = "vm1"): Promise<readonly string[]> => {
    const { disks } = parseDomain(await host.libvirt.dumpXml(vm));
    return disks.map(
      ({ target, device, source }) => `${target} ${device} ${path.basename(source ?? "")}`,
    );
  };
  const seedTarget = async (): Promise<string | undefined> =>
    readInstance(await host.libvirt.dumpXml("vm1"))?.seed?.target;
  /** As VMs were made before: a disc on a bus of the host's choice. */
  const makeDisc = (): Promise<void> =>
    editDomain(host, (xml) =>
      xml
        .replace(
          /<disk type="file" device="disk">(<driver name="qemu" type="raw"\/><source file="[^"]*seed.iso")/,
          '<disk type="file" device="cdrom">$1',
        )
        .replace('<target dev="vdz" bus="virtio"/>', '<target dev="sda" bus="sata"/>')
        .replace(/(<va:seed [^>]*)target="vdz"/, '$1target="sda"'),
    );

  it("has them behind all disks, also behind those of an update", async () => {
    assert.deepEqual((await devices()).at(-1), "vdz disk vm1-seed.iso");
    const before = await host.libvirt.dumpXml("vm1");
    await addVersion(host, { version: "1.1" });
    assert.deepEqual(await update(), []);
    assert.equal((await devices()).at(-1), "vdz disk vm1-seed.iso");
    await rollback();
    assert.equal(await host.libvirt.dumpXml("vm1"), before);
    await addVersion(host, { version: "1.2", disks: withLogs });
    await editDomain(host, (xml) =>
      xml.replace(/(<target dev="vdz" bus="virtio"\/>)/, '$1<address type="pci" slot="0x07"/>'),
    );
    await update();
    assert.deepEqual((await devices()).slice(-2), [
      "vdd disk vm1-1.2-1-logs.qcow2",
      "vdz disk vm1-seed.iso",
    ]);
    assert.doesNotMatch(await host.libvirt.dumpXml("vm1"), /slot="0x07"/);
    await rollback();
    assert.equal(await seedTarget(), "vdz");
  });

  it("keeps the disc that it was made with", async () => {
    await makeDisc();
    await addVersion(host, { version: "1.1", disks: withLogs });
    await update();
    assert.ok((await devices()).includes("sda cdrom vm1-seed.iso"));
    assert.equal(await seedTarget(), "sda");
    await rollback();
    assert.ok((await devices()).includes("sda cdrom vm1-seed.iso"));
  });

  for (const kind of ["disk", "disc"])
    it(`is exported without them, from a ${kind}`, async () => {
      if (kind === "disc") await makeDisc();
      const folder = path.join(host.paths.root, "out");
      const options = {
        folder,
        name: undefined,
        running: "refuse",
        stopSeconds: 1,
        start: false,
      } as const;
      const { appliance } = await exportVm(await host.open(), "vm1", options);
      assert.deepEqual(
        appliance.disks.map(({ id, role }) => `${id} ${role}`),
        ["system system", "data data", "scratch scratch"],
      );
      assert.deepEqual(
        appliance.boots[0]?.drives.map(({ disk: id, target }) => `${id} ${target}`),
        ["system vda", "data vdb", "scratch vdc"],
      );
    });

  it("is cloned and adopted without a word of it", async () => {
    await cloneVm(host, "vm1", "vm2");
    const disks = { data: "vdb", scratch: "vdc" };
    const { instance } = await adoptDomain(await host.open(), "vm2", { disks, boot: undefined });
    assert.deepEqual(
      instance.current.disks.map(({ id }) => id),
      ["system", "data", "scratch"],
    );
  });
});
