import assert from "node:assert/strict";
import { openMemoryLibvirt, parseDomain } from "../../src/libvirt/index.ts";
import { initAppliance } from "../../src/draft/index.ts";
import { draftFromDomain } from "../../src/draft/from-domain.ts";
import { testContext } from "../support/context.ts";

const hvm = "<os><type arch='x86_64'>hvm</type></os>";

/** Returns what `init` reports as lost from a domain with these elements. */
function lostOf(inside: string): string[] {
  const xml = `<domain><name>x</name><memory>262144</memory>${inside}</domain>`;
  const { notes } = draftFromDomain(parseDomain(xml));
  return notes.filter(({ kind }) => kind === "lost").map(({ message }) => message);
}

describe("what a descriptor loses of a libvirt domain", () => {
  const disk = (inside: string, target = "dev='vda' bus='virtio'"): string =>
    `${hvm}<devices><disk type='file'><source file='/d'/><target ${target}/>${inside}</disk></devices>`;
  const card = (inside: string): string =>
    `${hvm}<devices><interface type='network'>${inside}</interface></devices>`;
  const inOs = (inside: string): string => `<os><type arch='x86_64'>hvm</type>${inside}</os>`;
  const lostParts: readonly (readonly [string, readonly string[]])[] = [
    [disk("<serial>A</serial><wwn>5</wwn>"), ["disk vda: <serial>", "disk vda: <wwn>"]],
    [disk("<iotune><x/></iotune>"), ["disk vda: <iotune>"]],
    [disk("<shareable/><readonly/>"), ["disk vda: <shareable>", "disk vda: <readonly>"]],
    [disk("<transient/>"), ["disk vda: <transient>"]],
    [disk("<boot order='2'/>"), []],
    [disk("<boot order='2' loadparm='x'/>"), ["disk vda: <boot loadparm='x'>"]],
    [
      disk("<driver name='qemu' type='raw' cache='none' discard='unmap'/>"),
      ["disk vda: <driver cache='none' discard='unmap'>"],
    ],
    [disk("", "dev='sda' bus='scsi'"), ["disk sda: bus scsi"]],
    [disk("", "dev='sda' bus='sata'"), []],
    [disk("<alias name='a'/><address type='pci'/><backingStore type='file'/>"), []],
    [card("<vlan><tag id='5'/></vlan>"), ["interface 1: <vlan>"]],
    [card("<link state='down'/>"), ["interface 1: <link state='down'>"]],
    [card("<mac address='52:54:00:00:00:01'/><script path='s'/><target dev='vnet0'/>"), []],
    [`${hvm}<vcpu placement='static' current='1'>2</vcpu>`, ["<vcpu current='1'>"]],
    [
      inOs("<loader readonly='yes' secure='yes' type='pflash'>/l</loader>"),
      ["<loader secure='yes'>"],
    ],
    [
      inOs("<smbios mode='sysinfo'/><bootmenu enable='yes'/>"),
      ["<smbios mode='sysinfo'>", "<bootmenu enable='yes'>"],
    ],
    [inOs("<boot dev='hd'/><boot dev='cdrom'/>"), ["boot device cdrom"]],
    [inOs("<boot dev='cdrom'/><boot dev='hd'/>"), ["boot device hd"]],
    [`${hvm}<seclabel type='dynamic'/><uuid>u</uuid>`, []],
  ];
  for (const [xml, expected] of lostParts) {
    const part = xml.replace(hvm, "").replace(/^<devices>|<\/devices>$/g, "");
    it(`${expected.length === 0 ? "loses nothing with" : "lists what is lost of"} ${part}`, () => {
      assert.deepEqual(
        lostOf(xml).filter((message) => message.endsWith(" cannot be expressed")),
        expected.map((what) => `${what} cannot be expressed`),
      );
    });
  }

  const kept: readonly (readonly [string, RegExp])[] = [
    ["<os firmware='efi'><type arch='x86_64'>hvm</type></os>", /^UEFI variables \(NVRAM\) are not/],
    [inOs("<loader type='pflash'>/l</loader><nvram>/n</nvram>"), /^UEFI variables/],
    [`${hvm}<devices><tpm model='tpm-crb'/></devices>`, /^TPM state is not copied/],
    [`${hvm}<devices><nvram/></devices>`, /NVRAM is not copied/],
    [`${hvm}<devices><pstore backend='acpi-erst'/></devices>`, /pstore is not copied/],
    [`${hvm}<devices><memory model='nvdimm'/></devices>`, /persistent memory is not copied/],
    [`${hvm}<devices><filesystem type='mount'/></devices>`, /folder of the host is not copied/],
  ];
  for (const [xml, expected] of kept)
    it(`warns of state outside of the disks: ${expected.source}`, () => {
      const { notes } = draftFromDomain(
        parseDomain(`<domain><name>x</name><memory>262144</memory>${xml}</domain>`),
      );
      assert.ok(notes.some(({ kind, message }) => kind === "lost" && expected.test(message)));
      assert.ok(!notes.some(({ kind, message }) => kind === "dropped" && /nvram/.test(message)));
    });

  it("warns of no state where there is none", () => {
    assert.deepEqual(lostOf(`${hvm}<devices><memballoon model='virtio'/></devices>`), []);
  });

  it("warns of what runs, is saved, or was taken as a snapshot", async () => {
    const xml = `<domain><name>x</name><memory>262144</memory>${hvm}</domain>`;
    const libvirt = openMemoryLibvirt({ domains: [{ xml, isActive: true }] });
    const facts = { hasManagedSave: true, snapshots: ["before", "after"] };
    const { notes } = await initAppliance("x", testContext(), {
      libvirt: {
        ...libvirt,
        domainFacts: async (name) => ({ ...(await libvirt.domainFacts(name)), ...facts }),
      },
    });
    const lost = notes.filter(({ kind }) => kind === "lost").map(({ message }) => message);
    assert.match(lost[0] ?? "", /^the machine is running/);
    assert.match(lost[1] ?? "", /^its saved state is not copied/);
    assert.equal(lost[2], "its snapshots are not copied: before, after");
  });
});
