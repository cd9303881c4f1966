import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { changeDomain } from "../../src/host/update/change-domain.ts";
import { domainRules } from "../../src/host/update/domain-rules.ts";
import type { DomainTarget } from "../../src/host/update/domain-target.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import type { Generation, Instance, InstanceDisk } from "../../src/host/instance/instance.ts";
import { readInstance, writeInstance } from "../../src/host/instance/instance-xml.ts";

const documentation = fileURLToPath(new URL("../../docs/updates.md", import.meta.url));

const disk = (id: string, role: InstanceDisk["role"], target: string): InstanceDisk => ({
  id,
  role,
  kind: role === "system" ? "overlay" : "empty",
  path: `/disks/vm1-${id}.qcow2`,
  format: "qcow2",
  target,
  base: role === "system" ? { path: "/bases/old", sha256: "0".repeat(64) } : undefined,
});

const generation: Generation = {
  version: "1.0",
  release: "1",
  since: "2026-01-01T00:00:00.000Z",
  boot: 0,
  disks: [
    disk("system", "system", "vda"),
    disk("data", "data", "vdb"),
    disk("tmp", "scratch", "vdc"),
  ],
  kernel: undefined,
  initrd: undefined,
  definition: undefined,
};

const withTexts: Generation = { ...generation, title: "Web 1.0", description: "Web\n  and more" };

const before: Instance = {
  appliance: "web",
  package: "web-appliance",
  createdAt: "2026-01-01T00:00:00.000Z",
  current: withTexts,
  previous: undefined,
  seed: { path: "/disks/vm1-seed.iso", target: "sda", parameters: ["hostname"] },
};

const after: Instance = {
  ...before,
  current: { ...generation, version: "1.1", title: "Web 1.1", description: "Web 1.1" },
  previous: { ...withTexts, definition: "/state/vm1.xml" },
};

/** What an administrator made of a VM: something of every kind. */
const domain = `<domain type="kvm" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
  <name>vm1</name>
  <uuid>11111111-2222-4333-8444-555555555555</uuid>
  <title>Our shop</title>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0"><libosinfo:os id="http://virt-appliance/web/1.0-1"/></libosinfo:libosinfo>
    <their:mark xmlns:their="http://example.org/their">kept</their:mark>
  </metadata>
  <memory unit="MiB">64</memory>
  <currentMemory unit="MiB">32</currentMemory>
  <vcpu placement="static">3</vcpu>
  <os>
    <type arch="x86_64" machine="pc-q35-7.2">hvm</type>
    <loader readonly="yes" type="pflash">/firmware/code.fd</loader>
    <nvram>/nvram/vm1_VARS.fd</nvram>
    <kernel>/disks/vm1-vmlinuz</kernel>
    <initrd>/disks/vm1-initrd</initrd>
    <cmdline>old</cmdline>
    <boot dev="network"/>
  </os>
  <features><acpi/><pae/><hyperv><relaxed state="on"/></hyperv></features>
  <cpu mode="host-passthrough"/>
  <clock offset="localtime"/>
  <devices>
    <disk type="file" device="disk"><driver name="qemu" type="qcow2" cache="none" io="native"/><source file="/disks/vm1-system.qcow2"/><backingStore type="file"><format type="raw"/><source file="/bases/old"/></backingStore><target dev="vda" bus="virtio"/><iotune><total_iops_sec>100</total_iops_sec></iotune></disk>
    <disk type="file" device="disk"><driver name="qemu" type="qcow2" cache="writeback"/><source file="/disks/vm1-data.qcow2"/><target dev="vdb" bus="virtio"/></disk>
    <disk type="file" device="disk"><driver name="qemu" type="qcow2" cache="unsafe"/><source file="/disks/vm1-tmp.qcow2"/><target dev="vdc" bus="virtio"/></disk>
    <disk type="file" device="cdrom"><source file="/disks/vm1-seed.iso"/><target dev="sda" bus="sata"/></disk>
    <disk type="block" device="disk"><source dev="/dev/theirs"/><target dev="vdd" bus="virtio"/></disk>
    <interface type="bridge"><mac address="52:54:00:aa:bb:cc"/><source bridge="br7"/></interface>
    <tpm model="tpm-crb"><backend type="emulator" version="2.0"/></tpm>
    <hostdev mode="subsystem" type="usb"><source><vendor id="0x1"/></source></hostdev>
  </devices>
  <qemu:commandline><qemu:arg value="-theirs"/></qemu:commandline>
</domain>`;

const target: DomainTarget = {
  boot: {
    kernel: undefined,
    initrd: undefined,
    cmdline: undefined,
    device: "hd",
    features: { acpi: "off", apic: "on" },
    osinfo: "http://virt-appliance/web/1.1-1",
  },
  disks: [
    {
      change: "source",
      id: "system",
      target: "vda",
      content: {
        kind: "overlay",
        path: "/disks/new.qcow2",
        format: "qcow2",
        base: { path: "/bases/new", sha256: "1".repeat(64) },
      },
    },
    {
      change: "source",
      id: "tmp",
      target: "vdc",
      content: { kind: "empty", path: "/disks/fresh.qcow2", format: "qcow2", base: undefined },
    },
    {
      change: "add",
      id: "mail",
      target: "vdd",
      content: { kind: "empty", path: "/disks/mail.qcow2", format: "qcow2", base: undefined },
    },
  ],
  minimumMemoryKiB: 49152,
  instance: () => after,
};

const withKernel: DomainTarget["boot"] = {
  ...target.boot,
  kernel: "/disks/k",
  initrd: "/disks/i",
  cmdline: 'a="b" & <c>',
};

/** Returns the domain after a change. */
function change(options: { from?: string; boot?: Partial<DomainTarget["boot"]> } = {}): string {
  const from = writeInstance(options.from ?? domain, before);
  return changeDomain(from, { ...target, boot: { ...target.boot, ...options.boot } });
}

function stays(...parts: readonly string[]): () => void {
  return () => {
    const xml = change();
    for (const part of parts) {
      assert.ok(domain.includes(part), part);
      assert.ok(xml.includes(part), `${part} is not in ${xml}`);
    }
  };
}

/** One proof for every row of the table. */
const proofs: Readonly<Record<string, () => void>> = {
  "metadata/va:instance": () => {
    assert.deepEqual(readInstance(change()), after);
    assert.equal(change().match(/<va:instance/g)?.length, 1);
  },
  "metadata/libosinfo:libosinfo": () => {
    assert.match(change(), /<libosinfo:os id="http:\/\/virt-appliance\/web\/1.1-1"\/>/);
    const other = domain.replace("virt-appliance/web/1.0-1", "debian.org/debian/12");
    assert.match(change({ from: other }), /<libosinfo:os id="http:\/\/debian.org\/debian\/12"\/>/);
  },
  "metadata/*": stays('<their:mark xmlns:their="http://example.org/their">kept</their:mark>'),
  "title, description": () => {
    const texts = (xml: string): unknown => {
      const { title, description } = parseDomain(xml);
      return [title, description];
    };
    assert.deepEqual(texts(change()), ["Our shop", "Web 1.1"]);
    const written = writeInstance(domain.replace(/<title>.*<\/title>/, ""), before);
    assert.deepEqual(texts(written), ["Web 1.0", "Web\n  and more"]);
    assert.deepEqual(texts(change({ from: written })), ["Web 1.1", "Web 1.1"]);
    for (const [from, to, expected] of [
      ["Web 1.0<", "Mine<", ["Mine", "Web 1.1"]],
      [/<title>.*?<\/title>/, "", [undefined, "Web 1.1"]],
      [/<description>[^]*?<\/description>/, "", ["Web 1.1", undefined]],
      ["and more<", "and mine<", ["Web 1.1", "Web\n  and mine"]],
      // Other breaks of lines are no other text.
      ["Web\n  and more<", "Web and more<", ["Web 1.1", "Web 1.1"]],
    ] as const)
      assert.deepEqual(texts(change({ from: written.replace(from, to) })), expected, String(from));
  },
  "os/kernel": () => {
    assert.doesNotMatch(change(), /<kernel>/);
    assert.match(change({ boot: withKernel }), /<kernel>\/disks\/k<\/kernel>/);
  },
  "os/initrd": () => {
    assert.doesNotMatch(change(), /<initrd>/);
    assert.match(change({ boot: withKernel }), /<initrd>\/disks\/i<\/initrd>/);
    assert.doesNotMatch(change({ boot: { ...withKernel, initrd: undefined } }), /<initrd>/);
  },
  "os/cmdline": () => {
    assert.doesNotMatch(change(), /<cmdline>/);
    assert.match(change({ boot: withKernel }), /<cmdline>a="b" &amp; &lt;c(?:>|&gt;)<\/cmdline>/);
  },
  "os/boot": () => {
    assert.match(change(), /<boot dev="hd"\/>/);
    assert.doesNotMatch(change(), /<boot dev="network"\/>/);
    assert.doesNotMatch(change({ boot: withKernel }), /<boot /);
    const both = domain.replace('<boot dev="network"/>', '<boot dev="network"/><boot dev="hd"/>');
    assert.match(change({ from: both }), /<boot dev="network"\/><boot dev="hd"\/>/);
    const ordered = domain
      .replace('<boot dev="network"/>', "")
      .replace("<iotune>", '<boot order="1"/><iotune>');
    assert.doesNotMatch(change({ from: ordered }), /<boot dev=/);
  },
  "os/*": stays(
    '<type arch="x86_64" machine="pc-q35-7.2">hvm</type>',
    '<loader readonly="yes" type="pflash">/firmware/code.fd</loader>',
    "<nvram>/nvram/vm1_VARS.fd</nvram>",
  ),
  "features/acpi": () => assert.doesNotMatch(change(), /<acpi\/>/),
  "features/apic": () => {
    assert.match(change(), /<apic\/>/);
    const none = domain.replace(/<features>.*<\/features>/, "");
    assert.match(change({ from: none }), /<features><apic\/><\/features><devices>/);
  },
  "features/pae": stays("<pae/>"),
  "features/*": stays('<hyperv><relaxed state="on"/></hyperv>'),
  "memory, currentMemory": () => {
    const xml = change();
    assert.match(xml, /<memory unit="MiB">64<\/memory>/);
    assert.match(xml, /<currentMemory unit="KiB">49152<\/currentMemory>/);
  },
  "vcpu, cpu": stays('<vcpu placement="static">3</vcpu>', '<cpu mode="host-passthrough"/>'),
  "devices/disk of role system": () => {
    const xml = change();
    assert.match(
      xml,
      /<disk type="file" device="disk"><driver name="qemu" type="qcow2" cache="none" io="native"\/><source file="\/disks\/new.qcow2"\/><backingStore type="file"><format type="qcow2"\/><source file="\/bases\/new"><seclabel model="dac" relabel="no"\/><seclabel model="selinux" relabel="no"\/><\/source><backingStore\/><\/backingStore><target dev="vda" bus="virtio"\/><iotune><total_iops_sec>100<\/total_iops_sec><\/iotune><\/disk>/,
    );
    assert.doesNotMatch(xml, /\/bases\/old"\/>/);
  },
  "devices/disk of role data": () => {
    stays(
      '<disk type="file" device="disk"><driver name="qemu" type="qcow2" cache="writeback"/><source file="/disks/vm1-data.qcow2"/><target dev="vdb" bus="virtio"/></disk>',
    )();
    assert.match(change(), /<source file="\/disks\/mail.qcow2"\/>.*<target dev="vde" bus="virtio"/);
  },
  "devices/disk of role scratch": () => {
    assert.match(
      change(),
      /cache="unsafe"\/><source file="\/disks\/fresh.qcow2"\/><backingStore\/><target dev="vdc"/,
    );
    assert.doesNotMatch(change(), /<source file="\/disks\/vm1-tmp.qcow2"/);
  },
  "devices/disk with the parameters": stays(
    '<disk type="file" device="cdrom"><source file="/disks/vm1-seed.iso"/><target dev="sda" bus="sata"/></disk>',
  ),
  "devices/disk of no role": stays(
    '<disk type="block" device="disk"><source dev="/dev/theirs"/><target dev="vdd" bus="virtio"/></disk>',
  ),
  "devices/interface": stays(
    '<interface type="bridge"><mac address="52:54:00:aa:bb:cc"/><source bridge="br7"/></interface>',
  ),
  "devices/tpm": stays('<tpm model="tpm-crb"><backend type="emulator" version="2.0"/></tpm>'),
  "devices/*": stays(
    '<hostdev mode="subsystem" type="usb"><source><vendor id="0x1"/></source></hostdev>',
  ),
  "name, uuid": stays("<name>vm1</name>", "<uuid>11111111-2222-4333-8444-555555555555</uuid>"),
  "*": stays(
    "<title>Our shop</title>",
    '<clock offset="localtime"/>',
    '<qemu:commandline><qemu:arg value="-theirs"/></qemu:commandline>',
  ),
};

describe("who owns what of a domain, row by row", () => {
  for (const { element, owner, rule } of domainRules) {
    it(`${element}: ${owner}; ${rule}`, () => {
      const proof = proofs[element];
      assert.ok(proof !== undefined, "a row of the table has no proof");
      proof();
    });
  }

  it("has a proof for no other row", () => {
    assert.deepEqual(Object.keys(proofs).sort(), domainRules.map((row) => row.element).sort());
  });

  it("is the table of docs/updates.md", async () => {
    const text = await readFile(documentation, "utf8");
    const rows = text
      .slice(text.indexOf("| part | owner | rule |"))
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    assert.deepEqual(
      rows,
      domainRules.map(({ element, owner, rule }) => `| \`${element}\` | ${owner} | ${rule} |`),
    );
  });
});
