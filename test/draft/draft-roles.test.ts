import assert from "node:assert/strict";
import { renderIso } from "../../src/host/create/iso9660.ts";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { parseDescriptor, renderDescriptor } from "../../src/appliance/index.ts";
import { openMemoryLibvirt, parseDomain } from "../../src/libvirt/index.ts";
import { draftFromDomain } from "../../src/draft/from-domain.ts";
import { type Draft, initAppliance } from "../../src/draft/index.ts";
import { testContext } from "../support/context.ts";
import { withFolder } from "../support/temporary.ts";

const xmlOf = (devices: string, inOs = ""): string =>
  `<domain><name>x</name><memory>262144</memory><os><type arch='x86_64'>hvm</type>${inOs}</os>
  <devices>${devices}</devices></domain>`;

const disk = (file: string, dev: string, more = ""): string =>
  `<disk type='file'><driver type='qcow2'/><source file='/srv/${file}'/><target dev='${dev}' bus='virtio'/>${more}</disk>`;

const disc = (file: string, more = ""): string =>
  `<disk type='file' device='cdrom'><source file='/iso/${file}'/><target dev='sda' bus='sata'/>${more}</disk>`;

/** Returns roles and ids, in the order of the drives: `root.qcow2 system system`. */
function rolesOf({ appliance }: Draft): readonly string[] {
  const drives = appliance.boots[0]?.drives ?? [];
  return drives.map((drive) => {
    const found = appliance.disks.find(({ id }) => id === drive.disk);
    return `${found?.file} ${found?.id} ${found?.role}`;
  });
}

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "the disk of the lowest boot order",
    xmlOf(
      disk("data.qcow2", "vda", "<boot order='2'/>") +
        disk("root.qcow2", "vdb", "<boot order='1'/>"),
    ),
    ["root.qcow2 system system", "data.qcow2 data data"],
  ],
  [
    "the first disk behind a network card that is booted first",
    xmlOf(
      `${disk("data.qcow2", "vda")}${disk("root.qcow2", "vdb", "<boot order='2'/>")}
       <interface type='network'><boot order='1'/></interface>`,
    ),
    ["root.qcow2 system system", "data.qcow2 data data"],
  ],
  [
    "the disk of the lowest target",
    xmlOf(disk("data.qcow2", "vdb") + disk("root.qcow2", "vda"), "<boot dev='hd'/>"),
    ["root.qcow2 system system", "data.qcow2 data data"],
  ],
  [
    "the root of a kernel",
    xmlOf(
      disk("data.qcow2", "vda") + disk("root.qcow2", "vdb"),
      "<kernel>/k</kernel><cmdline>root=/dev/vdb1</cmdline>",
    ),
    ["root.qcow2 system system", "data.qcow2 data data"],
  ],
  [
    "the disk behind a drive that is tried first and empty",
    xmlOf(
      `<disk type='file' device='cdrom'><target dev='sda' bus='sata'/><boot order='1'/></disk>
       ${disk("data.qcow2", "vda")}${disk("root.qcow2", "vdb", "<boot order='2'/>")}`,
    ),
    ["root.qcow2 system system", "data.qcow2 data data"],
  ],
  [
    "the disc and the disk of a machine that tries both",
    xmlOf(
      disk("data.qcow2", "vda") +
        disk("root.qcow2", "vdb", "<boot order='2'/>") +
        disc("tools.iso", "<boot order='1'/>"),
    ),
    ["tools.iso system system", "root.qcow2 root system", "data.qcow2 data data"],
  ],
  [
    "the disc alone of a machine that boots nothing else",
    xmlOf(disk("data.qcow2", "vda") + disc("live.iso"), "<boot dev='cdrom'/>"),
    ["live.iso system system", "data.qcow2 data data"],
  ],
  [
    "the first disk of a machine that boots from the network alone",
    xmlOf(
      `${disk("root.qcow2", "vda")}${disk("data.qcow2", "vdb")}
       <interface type='network'><boot order='1'/></interface>`,
    ),
    ["root.qcow2 system system", "data.qcow2 data data"],
  ],
];

describe("the system disk of a drafted descriptor", () => {
  for (const [what, xml, expected] of cases)
    it(`is ${what}`, () => {
      assert.deepEqual(rolesOf(draftFromDomain(parseDomain(xml))), expected);
    });

  it("notes name a system disk that is not first, and lost positions in the boot order", () => {
    const { notes } = draftFromDomain(parseDomain(cases[0]?.[1] ?? ""));
    const messages = notes.map(({ kind, message }) => `${kind}: ${message}`);
    assert.ok(
      messages.includes("assumed: disk vdb: the machine boots from it"),
      messages.join("\n"),
    );
    assert.ok(messages.includes("lost: disk vda: boot order 2 cannot be expressed"));
  });

  it("boots from a loader of the same kind", () => {
    const loaders = cases.map(
      ([, xml]) => draftFromDomain(parseDomain(xml)).appliance.boots[0]?.os,
    );
    const devices = loaders.map((each) => (each?.kind === "loader" ? each.device : each?.kind));
    assert.deepEqual(devices, ["hd", "hd", "hd", "kernel", "hd", "cdrom", "cdrom", "hd"]);
  });
});

describe("ids of drafted disks", () => {
  it("ids are unique and contain no format", () => {
    const files = ["root.qcow2", "data.raw", "data.qcow2", "system.img", "a.b.vmdk", "plain"];
    const xml = xmlOf(files.map((file, n) => disk(file, `vd${"abcdef"[n]}`)).join(""));
    const text = renderDescriptor(draftFromDomain(parseDomain(xml)).appliance);
    const ids = [...text.matchAll(/<disk id="([^"]*)" file=/g)].map((match) => match[1]);
    assert.deepEqual(ids, ["system", "data", "data-2", "system-2", "a.b", "plain"]);
    const { appliance } = parseDescriptor(text, "draft");
    assert.deepEqual(
      appliance?.boots[0]?.drives.map((drive) => drive.disk),
      ids,
    );
  });

  it(
    "are written for a disk image too",
    withFolder(async (folder) => {
      const file = path.join(folder, "web.raw");
      await writeFile(file, Buffer.alloc(1024 * 1024));
      const { appliance } = await initAppliance(file, testContext());
      assert.match(renderDescriptor(appliance), /<drive disk="system"[^]*<disk id="system" file=/);
    }),
  );
});

describe("a disc with the settings of a machine", () => {
  for (const label of ["cidata", "CIDATA", "config-2"])
    for (const device of ["disk", "cdrom"])
      it(
        `is left out of its appliance: ${label} in a ${device}`,
        withFolder(async (folder) => {
          const file = path.join(folder, "vm1-seed.iso");
          const content = Buffer.from("x");
          await writeFile(file, renderIso({ label, date: new Date(0) }, [{ name: "a", content }]));
          const seed = `<disk type='file' device='${device}'><driver type='raw'/><source file='${file}'/><target dev='vdz' bus='virtio'/><readonly/></disk>`;
          const xml = xmlOf(
            disk("root.qcow2", "vda") + seed,
            "<boot dev='hd'/><boot dev='cdrom'/>",
          );
          const libvirt = openMemoryLibvirt({ domains: [{ xml }] });
          const draft = await initAppliance("x", testContext(), { libvirt });
          assert.deepEqual(rolesOf(draft), ["root.qcow2 system system"]);
          const said = draft.notes.filter(({ message }) => message.startsWith("disk vdz"));
          assert.deepEqual(
            said.map(({ kind }) => kind),
            ["dropped"],
          );
        }),
      );
});
