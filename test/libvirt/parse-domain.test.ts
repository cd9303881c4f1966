import assert from "node:assert/strict";
import { parseDomain } from "../../src/libvirt/index.ts";
import { webDomain, xenDomain } from "../fixtures/libvirt-documents.ts";

describe("parseDomain", () => {
  it("returns machine, disks and interfaces", () => {
    const domain = parseDomain(webDomain);
    assert.equal(domain.name, "web 01 (test)");
    assert.equal(domain.type, "kvm");
    assert.deepEqual(
      [domain.memoryKiB, domain.currentMemoryKiB, domain.vcpu],
      [2097152, 1048576, 4],
    );
    assert.deepEqual(domain.os, {
      type: "hvm",
      arch: "x86_64",
      machine: "pc-q35-8.2",
      bootDevices: ["hd", "network"],
      kernel: undefined,
      initrd: undefined,
      cmdline: undefined,
      bootloader: undefined,
      firmware: "uefi",
    });
    assert.deepEqual(domain.features, { acpi: "on", apic: "on", pae: "off", vmport: "off" });
    assert.deepEqual(
      domain.disks.map((d) => [d.device, d.sourceType, d.source, d.format, d.target, d.isReadOnly]),
      [
        ["disk", "file", "/srv/vm/Web Root.qcow2", "qcow2", "vda", false],
        ["disk", "block", "/dev/vg/web root", "raw", "vdb", false],
        ["disk", "network", "pool/web-root", "raw", "vdc", false],
        ["disk", "volume", "default/logs.qcow2", undefined, "vdd", false],
        ["cdrom", "file", "/iso/install.iso", undefined, "sda", true],
        ["cdrom", "file", undefined, undefined, "sdb", false],
        ["floppy", "file", "/iso/drivers.img", undefined, "fda", false],
      ],
    );
    assert.deepEqual(domain.interfaces, [
      {
        type: "network",
        source: "default",
        mac: "52:54:00:00:00:01",
        model: "virtio",
        otherParts: [],
      },
      {
        type: "bridge",
        source: "br0",
        mac: "52:54:00:00:00:02",
        model: undefined,
        otherParts: [],
      },
    ]);
    assert.deepEqual(domain.graphics, ["vnc"]);
    assert.equal(domain.osinfo, "http://debian.org/debian/12");
    assert.deepEqual(domain.hostDetails, { addresses: 3, aliases: 2, settings: ["nvram"] });
    assert.deepEqual(domain.otherDevices, ["serial (pty)", "hostdev (pci)", "tpm (tpm-crb)"]);
    assert.deepEqual(domain.otherElements, ["cpu", "clock", "on_poweroff"]);
  });

  it("a machine with a bootloader and no os is paravirtual", () => {
    const { os, vcpu } = parseDomain(xenDomain);
    assert.deepEqual(
      [os.type, os.bootloader, os.arch, vcpu],
      ["xen", "/usr/bin/pypxeboot", undefined, 1],
    );
  });

  it("the os type linux means xen", () => {
    const xml = "<domain><name>x</name><os><type>linux</type><kernel>/k</kernel></os></domain>";
    assert.deepEqual([parseDomain(xml).os.type, parseDomain(xml).os.kernel], ["xen", "/k"]);
  });

  const units: readonly (readonly [string, number | undefined])[] = [
    ["<memory>2048</memory>", 2048],
    ["<memory unit='bytes'>2097152</memory>", 2048],
    ["<memory unit='KB'>1024</memory>", 1000],
    ["<memory unit='k'>7</memory>", 7],
    ["<memory unit='M'>3</memory>", 3072],
    ["<memory unit='G'>1</memory>", 1048576],
    ["<memory unit='furlong'>1</memory>", undefined],
    ["<memory>-1</memory>", undefined],
    ["<memory unit='constructor'>1</memory>", undefined],
    ["", undefined],
  ];
  for (const [xml, memoryKiB] of units) {
    it(`reads ${xml === "" ? "no memory" : xml} as ${memoryKiB} KiB`, () => {
      assert.equal(parseDomain(`<domain><name>x</name>${xml}</domain>`).memoryKiB, memoryKiB);
    });
  }

  it("answers what no field carries: of the machine each part, of a host the kinds", () => {
    const domain = parseDomain(`<domain type='kvm' id='3'><name>x</name>
      <metadata><own xmlns='urn:own'><inside/></own></metadata>
      <memory dumpCore='off'>1</memory><vcpu placement='static' cpuset='0-1' current='1'>2</vcpu>
      <os><type arch='x86_64'>hvm</type><loader readonly='yes' type='pflash' secure='yes'>/l</loader>
        <nvram template='/t'>/n</nvram><firmware><feature enabled='no' name='secure-boot'/></firmware>
        <smbios mode='host'/><bootmenu enable='no'/></os>
      <features><apic eoi='on'/><hyperv><relaxed/></hyperv></features>
      <devices>
        <disk type='file'><driver name='qemu' type='raw' cache='none'/><serial>A</serial>
          <source file='/d' index='1'><slices><slice/></slices><seclabel model='dac'/></source>
          <target dev='vda' bus='virtio'/><alias name='a'/><backingStore/></disk>
        <interface type='bridge'><source bridge='b'/><target dev='vnet0'/><vlan><tag id='5'/></vlan></interface>
      </devices></domain>`);
    assert.deepEqual(domain.otherParts, [
      "<memory dumpCore='off'>",
      "<vcpu current='1'>",
      "<loader secure='yes'>",
      "<firmware>",
      "<smbios mode='host'>",
      "<apic eoi='on'>",
    ]);
    assert.deepEqual(
      [...domain.disks, ...domain.interfaces].map(({ otherParts }) => otherParts),
      [["<driver cache='none'>", "<serial>", "<slices>"], ["<vlan>"]],
    );
    assert.deepEqual(domain.hostDetails.settings, [
      "metadata own",
      "vcpu cpuset",
      "loader",
      "nvram",
      "disk seclabel",
      "interface target dev",
    ]);
  });

  it("refuses a domain without name", () => {
    assert.throws(() => parseDomain("<domain/>", "x.xml"), { code: "LIBVIRT_UNEXPECTED" });
  });
});
