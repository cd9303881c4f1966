import assert from "node:assert/strict";
import {
  openSimulatedHost,
  type SimulatedHost,
} from "../../examples/simulated-host/simulated-host.ts";
import { attachSeed, detachSeed } from "../../src/host/domain/seed-disk.ts";
import { changeDisks } from "../../src/host/update/domain-disks.ts";
import { editXml, elementOf } from "../../src/lib/xml/edit.ts";
import { bootOrderOf, parseDomain } from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";

const FOLDER = "/var/lib/libvirt/images";

interface TestDisk {
  readonly dev: string;
  readonly bus?: string;
  readonly order?: number;
  readonly device?: "disk" | "cdrom";
}

function diskXml({ dev, bus = "virtio", order, device = "disk" }: TestDisk): string {
  const boot = order === undefined ? "" : `<boot order='${order}'/>`;
  return `<disk type='file' device='${device}'><driver name='qemu' type='raw'/><source file='${FOLDER}/${dev}.raw'/><target dev='${dev}' bus='${bus}'/>${boot}</disk>`;
}

function domainXml(disks: readonly TestDisk[], os = "", machine = "q35"): string {
  const scsi = disks.some(({ bus }) => bus === "scsi")
    ? "<controller type='scsi' model='virtio-scsi'/>"
    : "";
  const usb = disks.some(({ bus }) => bus === "usb")
    ? "<controller type='usb' model='qemu-xhci'/>"
    : "";
  return `<domain type='qemu'><name>x</name><memory unit='MiB'>64</memory>
    <os><type arch='x86_64' machine='${machine}'>hvm</type>${os}</os>
    <devices>${scsi}${usb}${disks.map(diskXml).join("")}</devices></domain>`;
}

describe("disks as libvirt and QEMU take them", () => {
  let host: SimulatedHost;
  before(async () => {
    host = await openSimulatedHost(testContext());
    await host.startLibvirt();
    await host.sh(`for name in vda vdb vdc vdd vdz sda sdb sdc sdd hda hdb hdd; do
      truncate -s 1M ${FOLDER}/$name.raw; done; truncate -s 1M ${FOLDER}/seed.iso`);
  });
  after(() => host.dispose());
  afterEach(() => host.sh("virsh -q destroy x; virsh -q undefine x; :"));

  const define = async (xml: string): Promise<string> => {
    await host.writeText("/tmp/x.xml", xml);
    await host.sh("virsh -q define /tmp/x.xml");
    return (await host.sh("virsh dumpxml x --inactive")).stdout;
  };
  /** Returns the images in QEMU's boot order. */
  const booted = async (): Promise<readonly string[]> => {
    const { stdout } = await host.sh("virsh domxml-to-native qemu-argv --domain x");
    const files = new Map(
      [...stdout.matchAll(/"filename":"[^"]*\/(\w+)\.raw","node-name":"([^"]*)-storage"/g)].map(
        ([, name = "", node = ""]) => [node, name],
      ),
    );
    return [...stdout.matchAll(/"drive":"([^"]*)-format"[^}]*?"bootindex":(\d+)/g)]
      .sort((a, b) => Number(a[2]) - Number(b[2]))
      .map(([, node = ""]) => files.get(node) ?? node);
  };

  const orders: readonly (readonly [string, readonly TestDisk[], string])[] = [
    [
      "an order of devices",
      [
        { dev: "vda", order: 2 },
        { dev: "vdb", order: 1 },
      ],
      "",
    ],
    ["an order of one device", [{ dev: "vda" }, { dev: "vdb", order: 3 }], ""],
    ["targets in another order", [{ dev: "vdb" }, { dev: "vda" }], "<boot dev='hd'/>"],
    ["nothing said", [{ dev: "vdc" }, { dev: "vdb" }], ""],
    [
      "two buses",
      [{ dev: "sdb", bus: "sata" }, { dev: "vda" }, { dev: "sda", bus: "sata" }],
      "<boot dev='hd'/>",
    ],
    [
      "a disc, then a disk",
      [{ dev: "vda" }, { dev: "sda", bus: "sata", device: "cdrom" }],
      "<boot dev='cdrom'/><boot dev='hd'/>",
    ],
  ];
  for (const [what, disks, os] of orders)
    it(`are booted as we expect: ${what}`, async () => {
      const xml = domainXml(disks, os);
      const ours = bootOrderOf(parseDomain(xml)).tried.map(({ target }) => target);
      await define(xml);
      assert.deepEqual(await booted(), ours);
    });

  const seeds: readonly (readonly [string, TestDisk, string])[] = [
    ["virtio", { dev: "vda" }, "q35"],
    ["scsi", { dev: "sda", bus: "scsi" }, "q35"],
    ["usb", { dev: "sda", bus: "usb" }, "q35"],
    ["sata", { dev: "sda", bus: "sata" }, "q35"],
    ["ide", { dev: "hda", bus: "ide" }, "pc"],
  ];
  for (const [bus, disk, machine] of seeds)
    it(`start beside the parameters on ${bus}, which are not booted`, async () => {
      const xml = editXml(domainXml([disk], "", machine), "domain", (root) => {
        const devices = elementOf(root, "devices");
        if (devices !== undefined) attachSeed(devices, `${FOLDER}/seed.iso`, disk.dev);
      });
      const defined = parseDomain(await define(xml));
      assert.deepEqual(await booted(), [disk.dev]);
      assert.equal(defined.disks.find(({ source }) => source?.endsWith("seed.iso"))?.bus, bus);
      await host.sh("virsh -q start x --paused");
    });

  it("come before the parameters on the machine's buses, when they are added later too", async () => {
    const busOf = (xml: string, dev: string): number => {
      const found = new RegExp(
        `<target dev='${dev}'[^]*?<address type='pci'[^>]*bus='(0x\\w+)'`,
      ).exec(xml);
      return Number(found?.[1]);
    };
    const first = editXml(domainXml([{ dev: "vda" }, { dev: "vdb" }]), "domain", (root) => {
      const devices = elementOf(root, "devices");
      if (devices !== undefined) attachSeed(devices, `${FOLDER}/seed.iso`, "vda");
    });
    const defined = await define(first);
    const before = ["vda", "vdb", "vdz"].map((dev) => busOf(defined, dev));
    assert.deepEqual(
      before,
      before.toSorted((a, b) => a - b),
    );
    const added = editXml(defined, "domain", (root) => {
      const devices = elementOf(root, "devices");
      if (devices === undefined) return;
      const attach = detachSeed(devices, "vdz");
      const content = {
        kind: "empty",
        path: `${FOLDER}/vdc.raw`,
        format: "raw",
        base: undefined,
      } as const;
      changeDisks(devices, [{ change: "add", id: "logs", target: "vdc", content }]);
      attach?.();
    });
    const changed = await define(added);
    const after = ["vda", "vdb", "vdc", "vdz"].map((dev) => busOf(changed, dev));
    assert.deepEqual(
      after,
      after.toSorted((a, b) => a - b),
    );
  });
});
