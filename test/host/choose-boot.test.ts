import assert from "node:assert/strict";
import { parseDescriptor } from "../../src/appliance/index.ts";
import { chooseBoot, likelyBoot } from "../../src/host/domain/choose-boot.ts";
import { parseCapabilities } from "../../src/libvirt/index.ts";
import { descriptorOf } from "../fixtures/appliance-folder.ts";

/** What a host says that runs x86_64 in these ways. */
function hostWith(...types: readonly string[]): ReturnType<typeof parseCapabilities> {
  const domains = types.map((type) => `<domain type="${type}"/>`).join("");
  const guest = `<guest><os_type>hvm</os_type><arch name="x86_64"><wordsize>64</wordsize>${domains}</arch>
    <features><acpi default="on" toggle="yes"/></features></guest>`;
  const host = "<host><cpu><arch>x86_64</arch></cpu></host>";
  return parseCapabilities(`<capabilities>${host}${guest}</capabilities>`, "capabilities");
}

describe("the hypervisor of a new VM", () => {
  const text = descriptorOf([{ file: "system.raw", sizeMib: 1 }]);
  const { appliance } = parseDescriptor(text, "appliance.xml");
  assert.ok(appliance !== undefined);
  const note = "the host does not support KVM for x86_64: the VM is emulated and slow";

  for (const [what, types, virtType, domainType, notes] of [
    ["kvm where the host lists it", ["qemu", "kvm"], undefined, "kvm", []],
    ["qemu with a note where it does not", ["qemu"], undefined, "qemu", [note]],
    ["qemu without a word when it was asked for", ["qemu", "kvm"], "qemu", "qemu", []],
  ] as const) {
    it(`is ${what}`, () => {
      const chosen = chooseBoot(appliance, hostWith(...types), { boot: undefined, virtType });
      assert.deepEqual([chosen.domainType, chosen.notes, chosen.reasons], [domainType, notes, []]);
    });
  }

  it("is none where the one that was asked for is not there, and the disks are looked at", () => {
    const chosen = chooseBoot(appliance, hostWith("qemu"), { boot: undefined, virtType: "kvm" });
    assert.equal(chosen.boot, undefined);
    assert.equal(chosen.reasons.length, 1);
    assert.equal(likelyBoot(appliance, chosen), appliance.boots[0]);
  });
});
