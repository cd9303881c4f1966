import assert from "node:assert/strict";
import { bootOrderOf, parseDomain } from "../../src/libvirt/index.ts";

const disk = (dev: string, options: { bus?: string; order?: number; device?: string } = {}) =>
  `<disk type='file' device='${options.device ?? "disk"}'><source file='/${dev}'/><target dev='${dev}'${
    options.bus === undefined ? "" : ` bus='${options.bus}'`
  }/>${options.order === undefined ? "" : `<boot order='${options.order}'/>`}</disk>`;

const cdrom = (dev: string, order?: number): string =>
  disk(dev, { device: "cdrom", bus: "sata", ...(order === undefined ? {} : { order }) });

const card = (order: number): string =>
  `<interface type='network'><source network='default'/><boot order='${order}'/></interface>`;

interface Case {
  readonly what: string;
  readonly type?: string;
  readonly os?: string;
  readonly devices: string;
  readonly tried: readonly string[];
  readonly others?: readonly string[];
}

const cases: readonly Case[] = [
  {
    what: "the order of devices, the lowest number first",
    devices: disk("vda", { order: 2 }) + disk("vdb", { order: 1 }),
    tried: ["vdb", "vda"],
  },
  {
    what: "numbers, not digits",
    devices: disk("vda", { order: 10 }) + disk("vdb", { order: 9 }),
    tried: ["vdb", "vda"],
  },
  {
    what: "only disks with a number once a device has one",
    devices: disk("vda") + disk("vdb", { order: 3 }),
    tried: ["vdb"],
    others: ["vda"],
  },
  {
    what: "the disk behind a network card",
    devices: disk("vda") + disk("vdb", { order: 2 }) + card(1),
    tried: ["vdb"],
    others: ["vda"],
  },
  {
    what: "no disk of a machine that boots from the network alone",
    devices: disk("vda") + card(1),
    tried: [],
    others: ["vda"],
  },
  {
    what: "a disc before a disk",
    devices: disk("vda", { order: 2 }) + cdrom("sda", 1),
    tried: ["sda", "vda"],
  },
  {
    what: "the lowest target of the first bus for hd, whatever comes first in the document",
    os: "<boot dev='hd'/>",
    devices: disk("vdc") + disk("vdb") + disk("sda", { bus: "sata" }),
    tried: ["vdb"],
    others: ["vdc", "sda"],
  },
  {
    what: "the first bus of the document",
    os: "<boot dev='hd'/>",
    devices: disk("sdb", { bus: "scsi" }) + disk("vda") + disk("sda", { bus: "scsi" }),
    tried: ["sda"],
    others: ["sdb", "vda"],
  },
  {
    what: "hd when nothing is said",
    devices: disk("vdb") + disk("vda"),
    tried: ["vda"],
    others: ["vdb"],
  },
  {
    what: "vdz before vdaa",
    devices: disk("vdaa") + disk("vdz"),
    tried: ["vdz"],
    others: ["vdaa"],
  },
  {
    what: "a disc, then a disk",
    os: "<boot dev='cdrom'/><boot dev='hd'/>",
    devices: disk("vda") + cdrom("sdb") + cdrom("sda"),
    tried: ["sda", "vda"],
    others: ["sdb"],
  },
  {
    what: "a disk behind the network",
    os: "<boot dev='network'/><boot dev='hd'/>",
    devices: disk("vda"),
    tried: ["vda"],
  },
  {
    what: "the root of a kernel's command line",
    os: "<kernel>/k</kernel><cmdline>root=/dev/vda quiet root=/dev/vdb1 ro</cmdline>",
    devices: disk("vda") + disk("vdb"),
    tried: ["vdb"],
    others: ["vda"],
  },
  {
    what: "the usual disk of a kernel whose root has no device name",
    os: "<kernel>/k</kernel><cmdline>root=UUID=1</cmdline>",
    devices: disk("vdb") + disk("vda"),
    tried: ["vda"],
    others: ["vdb"],
  },
  {
    what: "the first disk of a paravirtual machine, whose devices have no order",
    type: "linux",
    devices: disk("xvdb", { order: 1 }) + disk("xvda", { order: 2 }),
    tried: ["xvda"],
    others: ["xvdb"],
  },
];

describe("what a machine boots", () => {
  for (const { what, type = "hvm", os = "", devices, tried, others = [] } of cases)
    it(`is ${what}`, () => {
      const xml = `<domain><name>x</name><os><type>${type}</type>${os}</os><devices>${devices}</devices></domain>`;
      const order = bootOrderOf(parseDomain(xml));
      assert.deepEqual(
        order.tried.map(({ target }) => target),
        tried,
      );
      assert.deepEqual(
        order.others.map(({ target }) => target),
        others,
      );
    });
});
