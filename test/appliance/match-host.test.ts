import assert from "node:assert/strict";
import {
  type Appliance,
  type Boot,
  type HostCapabilities,
  type HostGuest,
  matchHost,
  parseDescriptor,
} from "../../src/appliance/index.ts";
import { sampleDescriptor } from "../fixtures/sample-descriptor.ts";

const sample: Appliance = (() => {
  const { appliance } = parseDescriptor(sampleDescriptor, "sample");
  assert(appliance !== undefined);
  return appliance;
})();

function boot(type: Boot["type"], arch: string, features: Boot["features"] = {}): Boot {
  return { type, arch, features, os: { kind: "loader", device: "hd" }, drives: [], line: 1 };
}

function withBoots(...boots: readonly Boot[]): Appliance {
  return { ...sample, boots };
}

const always = { on: true, off: false };
const either = { on: true, off: true };

function guest(osType: string, arch: string, more: Partial<HostGuest> = {}): HostGuest {
  return {
    osType,
    arch,
    wordBits: arch === "i686" ? 32 : 64,
    features: {},
    domainTypes: ["qemu", "kvm"],
    maxVcpus: undefined,
    ...more,
  };
}

function host(...guests: readonly HostGuest[]): HostCapabilities {
  return { guests, memoryKiB: undefined };
}

const x86 = guest("hvm", "x86_64", { features: { acpi: either, apic: always } });
const i686 = guest("hvm", "i686", { features: { pae: either, acpi: either, apic: always } });

const fitting: readonly (readonly [string, Appliance, HostCapabilities, number, string])[] = [
  ["the only boot", withBoots(boot("hvm", "x86_64")), host(i686, x86), 0, "kvm"],
  [
    "the first of several that suit, in the order of the document",
    withBoots(boot("xen", "x86_64"), boot("hvm", "i686"), boot("hvm", "x86_64")),
    host(x86, i686),
    1,
    "kvm",
  ],
  ["i386 where the host says i686", withBoots(boot("hvm", "i386")), host(i686), 0, "kvm"],
  ["amd64 where the host says x86_64", withBoots(boot("hvm", "amd64")), host(x86), 0, "kvm"],
  [
    "a feature that can be either",
    withBoots(boot("hvm", "x86_64", { acpi: "off" })),
    host(x86),
    0,
    "kvm",
  ],
  [
    "pae on 64 bit, where no host lists it",
    withBoots(boot("xen", "x86_64", { pae: "on" })),
    host(guest("xen", "x86_64", { domainTypes: ["xen"] })),
    0,
    "xen",
  ],
  [
    "kvm before xen before qemu, whatever the host's order",
    withBoots(boot("hvm", "x86_64")),
    host(guest("hvm", "x86_64", { domainTypes: ["qemu", "xen", "kvm"] })),
    0,
    "kvm",
  ],
  [
    "xen before qemu",
    withBoots(boot("hvm", "x86_64")),
    host(guest("hvm", "x86_64", { domainTypes: ["qemu", "xen"] })),
    0,
    "xen",
  ],
  [
    "the hypervisor that there is, when it is none of these",
    withBoots(boot("hvm", "x86_64")),
    host(guest("hvm", "x86_64", { domainTypes: ["test"] })),
    0,
    "test",
  ],
  [
    "the second offer of a kind when the first lacks the feature",
    withBoots(boot("hvm", "i686", { apic: "off" })),
    host(i686, guest("hvm", "i686", { features: { apic: either }, domainTypes: ["xen"] })),
    0,
    "xen",
  ],
];

const unfitting: readonly (readonly [string, Appliance, HostCapabilities, readonly string[]])[] = [
  [
    "the type",
    withBoots(boot("xen", "x86_64")),
    host(x86),
    ["boot 0 (xen, x86_64): type xen is not offered, the host offers hvm"],
  ],
  [
    "the architecture",
    withBoots(boot("hvm", "aarch64")),
    host(i686, x86),
    ["boot 0 (hvm, aarch64): architecture aarch64 is not offered, the host offers i686, x86_64"],
  ],
  [
    "type and architecture, both",
    withBoots(boot("xen", "ppc64")),
    host(x86),
    [
      "boot 0 (xen, ppc64): type xen is not offered, the host offers hvm",
      "boot 0 (xen, ppc64): architecture ppc64 is not offered, the host offers x86_64",
    ],
  ],
  [
    "a type that is there for another architecture only",
    withBoots(boot("xen", "i686")),
    host(i686, guest("xen", "x86_64")),
    ["boot 0 (xen, i686): xen is not offered for i686, only for x86_64"],
  ],
  [
    "every feature, of every boot",
    withBoots(
      boot("hvm", "x86_64", { pae: "off", apic: "off" }),
      boot("hvm", "i686", { pae: "off", acpi: "on", apic: "off" }),
    ),
    host(x86, guest("hvm", "i686", { features: { pae: always, apic: always } })),
    [
      "boot 0 (hvm, x86_64): feature pae must be off, but on this host it is always on",
      "boot 0 (hvm, x86_64): feature apic must be off, but on this host it is always on",
      "boot 1 (hvm, i686): feature pae must be off, but on this host it is always on",
      "boot 1 (hvm, i686): feature acpi must be on, but the host does not offer it",
      "boot 1 (hvm, i686): feature apic must be off, but on this host it is always on",
    ],
  ],
  [
    "pae on 32 bit that does not list it",
    withBoots(boot("hvm", "i686", { pae: "on" })),
    host(guest("hvm", "i686")),
    ["boot 0 (hvm, i686): feature pae must be on, but the host does not offer it"],
  ],
  [
    "a feature that is always off",
    withBoots(boot("hvm", "i686", { acpi: "on" })),
    host(guest("hvm", "i686", { features: { acpi: { on: false, off: true } } })),
    ["boot 0 (hvm, i686): feature acpi must be on, but on this host it is always off"],
  ],
  [
    "a host without hypervisor",
    withBoots(boot("hvm", "x86_64")),
    host(guest("hvm", "x86_64", { domainTypes: [] })),
    ["boot 0 (hvm, x86_64): the host has no hypervisor for hvm x86_64"],
  ],
  [
    "a host that offers nothing",
    withBoots(boot("hvm", "x86_64")),
    host(),
    [
      "boot 0 (hvm, x86_64): type hvm is not offered, the host offers nothing",
      "boot 0 (hvm, x86_64): architecture x86_64 is not offered, the host offers nothing",
    ],
  ],
  [
    "too many processors",
    { ...withBoots(boot("hvm", "x86_64")), vcpu: 256 },
    host(guest("hvm", "x86_64", { maxVcpus: 255 })),
    ["boot 0 (hvm, x86_64): needs 256 processors, but a VM can have at most 255"],
  ],
  [
    "too little memory, beside the reasons against the boots",
    { ...withBoots(boot("xen", "x86_64")), memoryKiB: 4096, minimumMemoryKiB: undefined },
    { ...host(x86), memoryKiB: 4095 },
    [
      "boot 0 (xen, x86_64): type xen is not offered, the host offers hvm",
      "memory: needs 4194304 bytes, but the host has only 4193280 bytes",
    ],
  ],
];

describe("matchHost", () => {
  describe("chooses", () => {
    for (const [what, appliance, capabilities, index, domainType] of fitting) {
      it(what, () => {
        assert.deepEqual(matchHost(appliance, capabilities), {
          ok: true,
          boot: index,
          domainType,
          reasons: [],
        });
      });
    }
  });

  describe("says no, and names", () => {
    for (const [what, appliance, capabilities, reasons] of unfitting) {
      it(what, () => {
        assert.deepEqual(matchHost(appliance, capabilities), {
          ok: false,
          boot: null,
          domainType: null,
          reasons,
        });
      });
    }
  });

  it("is content with the least memory that the appliance starts with", () => {
    const appliance = {
      ...withBoots(boot("hvm", "x86_64")),
      memoryKiB: 8192,
      minimumMemoryKiB: 4096,
    };
    assert.equal(matchHost(appliance, { ...host(x86), memoryKiB: 4096 }).ok, true);
    assert.deepEqual(matchHost(appliance, { ...host(x86), memoryKiB: 4095 }).reasons, [
      "memory: needs 4194304 bytes, but the host has only 4193280 bytes",
    ]);
  });
});
