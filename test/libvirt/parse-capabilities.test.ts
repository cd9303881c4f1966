import assert from "node:assert/strict";
import type { HostCapabilities } from "../../src/appliance/index.ts";
import { parseCapabilities } from "../../src/libvirt/index.ts";
import { kvmHost } from "../fixtures/libvirt-documents.ts";

describe("parseCapabilities", () => {
  it("returns guests in the host's order, with features, hypervisors and caps", () => {
    const capabilities: HostCapabilities = parseCapabilities(kvmHost);
    assert.deepEqual(capabilities, {
      arch: "x86_64",
      memoryKiB: 8 * 1024 * 1024,
      guests: [
        {
          osType: "hvm",
          arch: "i686",
          wordBits: 32,
          features: {
            pae: { on: true, off: true },
            acpi: { on: true, off: true },
            apic: { on: true, off: false },
            hap: { on: true, off: true },
            sgx: { on: false, off: true },
          },
          domainTypes: ["qemu", "kvm"],
          maxVcpus: 288,
        },
        {
          osType: "hvm",
          arch: "x86_64",
          wordBits: 64,
          features: { acpi: { on: true, off: true } },
          domainTypes: ["kvm"],
          maxVcpus: undefined,
        },
      ],
    });
  });

  it("returns no guests for a host without any", () => {
    assert.deepEqual(parseCapabilities("<capabilities/>"), {
      arch: undefined,
      memoryKiB: undefined,
      guests: [],
    });
  });

  it("refuses another document, naming place and root", () => {
    assert.throws(() => parseCapabilities("\n<domain/>", "host.xml"), {
      code: "LIBVIRT_UNEXPECTED",
      message: "host.xml:2: root element is <domain>, expected <capabilities>",
    });
  });
});
