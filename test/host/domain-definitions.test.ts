import path from "node:path";
import { rename, writeFile } from "node:fs/promises";
import { adoptDomain } from "../../src/host/adopt/adopt.ts";
import { createVm } from "../../src/host/create/create.ts";
import type { CreateRequest } from "../../src/host/create/create-request.ts";
import { provisionVm } from "../../src/host/create/recipe/provision.ts";
import { acceptVm } from "../../src/host/update/accept.ts";
import { testContext } from "../support/context.ts";
import { assertGolden } from "../support/golden.ts";
import { type HostFixture, openHostFixture, request } from "../fixtures/memory-host.ts";
import { openProvisionFixture, recipeRequest } from "../fixtures/provision-host.ts";
import { domainXml, overlay, recordBases } from "../fixtures/host-bases.ts";
import {
  addVersion,
  editDomain,
  firstDisks,
  updateTools,
  type Version,
  type VersionDisk,
} from "../fixtures/appliance-versions.ts";

/** Replaces each different match by NAME-1, NAME-2 and so on. */
function number(text: string, pattern: RegExp, name: string): string {
  const found = new Map<string, string>();
  return text.replaceAll(pattern, (match) => {
    const numbered = found.get(match) ?? `${name}-${found.size + 1}`;
    found.set(match, numbered);
    return numbered;
  });
}

/**
 * Compares the definition of a VM with test/golden/domain/NAME.xml: indented, without the root of the host, with names
 * for random UUIDs and MAC addresses, and for digests of images.
 */
async function assertDefinition(name: string, host: HostFixture, vm = "vm1"): Promise<void> {
  let xml = (await host.libvirt.dumpXml(vm)).replaceAll(host.paths.root, "");
  xml = number(xml, /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "UUID");
  xml = number(xml, /\b(?!52:54:00:00:00:01)[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/g, "MAC");
  xml = number(xml, /\b[0-9a-f]{64}\b/g, "SHA256");
  const command = ["xmllint", "--nonet", "--noblanks", "--format", "-"];
  const { stdout } = await testContext().run("sh", [
    "-c",
    `printf %s "$1" | ${command.join(" ")}`,
    "sh",
    xml,
  ]);
  await assertGolden(`domain/${name}.xml`, stdout);
}

const devices = (...targets: readonly (string | null)[]): readonly VersionDisk[] =>
  firstDisks.map((disk, index) => ({ ...disk, target: targets[index] ?? null }));
const withKernel =
  '<kernel>kernel</kernel><initrd>initrd</initrd><cmdline>root=/dev/vda a=b,c d="e" &amp; f</cmdline>';
const hostname = '<va:parameter name="hostname"/>';
const logs: VersionDisk = { id: "logs", role: "data", sizeMiB: 4, format: "qcow2" };

/**
 * What `create` makes of a version of the appliance and of its options. The chain of each disk ends in the definition,
 * and the base below it has seclabels: libvirt then probes no image, and leaves the base to root.
 */
const created: Readonly<
  Record<string, { readonly version?: Partial<Version>; readonly options?: Partial<CreateRequest> }>
> = {
  "overlay, copy and empty disk on virtio": {},
  "disks on sata": { version: { disks: devices("sda", "sdb", "sdc") } },
  "disks on the bus that virt-install chooses": { version: { disks: devices(null, null, null) } },
  "system disk after the data disk": { version: { disks: devices("vdb", "vda", "vdc") } },
  "a disc": {
    version: {
      disks: [...firstDisks, { id: "tools", role: "system", sizeMiB: 1, format: "iso" }],
    },
  },
  "copy of the system disk": { options: { system: "copy" } },
  "kernel, initrd and command line": { version: { os: withKernel } },
  "parameters on a seed disk": {
    version: { more: hostname },
    options: { parameters: { hostname: "web7" } },
  },
  "parameters on a disc where the disks are on sata": {
    version: { more: hostname, disks: devices("sda", "sdb", "sdc") },
    options: { parameters: { hostname: "web7" } },
  },
  "a feature off": { version: { features: '<acpi/><pae state="off"/>' } },
  "the disc as boot device": {
    version: {
      os: '<loader dev="cdrom"/>',
      disks: [{ id: "live", role: "system", sizeMiB: 1, format: "iso" }],
    },
  },
  "two networks, the first with a MAC address": {
    options: { networks: ["default", "type=user,model=e1000"], mac: "52:54:00:00:00:01" },
  },
  "no network": { version: { interfaces: 0 } },
  vnc: { options: { graphics: "vnc,listen=127.0.0.1" } },
  "memory, vcpus and more options of virt-install": {
    options: { memoryMiB: 512, vcpus: 1, extra: ["--rng", "/dev/urandom"] },
  },
};

describe("the domain that create defines", () => {
  for (const [what, { version, options }] of Object.entries(created)) {
    it(`has ${what}`, async () => {
      await using host = await openHostFixture();
      await addVersion(host, version);
      await createVm(await host.open(), request({ start: false, ...options }));
      await assertDefinition(`create/${what.replaceAll(/\W+/g, "-")}`, host);
    });
  }
});

describe("the domain that create defines from a recipe", () => {
  it("boots its own disk after the installation", async () => {
    await using fixture = await openProvisionFixture();
    await fixture.addRecipe({ osinfo: "http://debian.org/debian/11" });
    await provisionVm(await fixture.open(), recipeRequest(fixture));
    await assertDefinition("create/from-a-recipe", fixture.base);
  });
});

interface Change {
  /** Version 1.0, of which the VM is created. */
  readonly from?: Partial<Version>;
  /** Version 1.1. */
  readonly to?: Partial<Version>;
  readonly options?: Partial<CreateRequest>;
  /** Edit of the definition between `create` and `update`. */
  readonly edit?: (xml: string) => string;
}

/** What `update` makes of a VM. */
const updated: Readonly<Record<string, Change>> = {
  "overlay and empty disk of the new version, and the old data disk": {},
  "kernel, initrd and command line of the new version": { to: { os: withKernel } },
  "no kernel when the new version has none": { from: { os: withKernel } },
  "a new data disk before the seed disk": {
    from: { more: hostname },
    to: { more: hostname, disks: [...firstDisks, logs] },
    options: { parameters: { hostname: "web7" } },
  },
  "a system disk after the data disk": {
    from: { disks: devices("vdb", "vda", "vdc") },
    to: { disks: devices("vdb", "vda", "vdc") },
  },
  "a copy of the system disk": { options: { system: "copy" } },
  "firmware and more devices of the administrator": {
    edit: (xml) =>
      xml
        .replace("<os>", '<os firmware="efi">')
        .replace("</os>", "<nvram>/var/lib/libvirt/qemu/nvram/vm1_VARS.fd</nvram></os>")
        .replace("</devices>", '<watchdog model="i6300esb" action="reset"/></devices>'),
  },
};

async function openWithVm({ from, to, options, edit }: Change): Promise<HostFixture> {
  const host = await openHostFixture();
  await addVersion(host, from);
  await createVm(await host.open(), request({ start: false, ...options }));
  if (edit !== undefined) await editDomain(host, edit);
  await addVersion(host, { version: "1.1", ...to });
  return host;
}

describe("the domain that update defines", () => {
  for (const [what, change] of Object.entries(updated)) {
    it(`has ${what}`, async () => {
      await using host = await openWithVm(change);
      await updateTools(() => host).update();
      await assertDefinition(`update/${what.replaceAll(/\W+/g, "-")}`, host);
    });
  }
});

describe("the domain that rollback and accept define", () => {
  const change: Change = { to: { disks: [...firstDisks, logs], os: withKernel } };

  it("rollback: the former one, with the data disk that the update added kept", async () => {
    await using host = await openWithVm(change);
    const { update, rollback } = updateTools(() => host);
    await update();
    await rollback();
    await assertDefinition("rollback/after-an-update-that-added-a-disk-and-a-kernel", host);
  });

  it("accept: the updated one, without the record of the former version", async () => {
    await using host = await openWithVm(change);
    await updateTools(() => host).update();
    await acceptVm(await host.open(), "vm1");
    await assertDefinition("accept/after-an-update-that-added-a-disk-and-a-kernel", host);
  });
});

describe("the domain that adopt defines", () => {
  const noRequest = { disks: {}, boot: undefined };
  /** A host with a domain of another program, on the bases of the appliance. */
  async function openPlain(
    version: Partial<Version>,
    more: (host: HostFixture) => { readonly disks?: readonly string[]; readonly os?: string },
  ): Promise<HostFixture> {
    const host = await openHostFixture();
    await addVersion(host, version);
    await recordBases(host);
    const { disks = [], os = "" } = more(host);
    const system = path.join(host.paths.diskDir, "plain.qcow2");
    await overlay(system, path.join(host.paths.baseDir, "web-appliance-1.0-1-system.qcow2"));
    for (const disk of disks) await writeFile(disk, "data");
    const xml = domainXml("plain", [system, ...disks]).replaceAll(
      /"qcow2"(?=\/><source file="[^"]*\.raw")/g,
      '"raw"',
    );
    await host.libvirt.defineDomain(xml.replace("</os>", `${os}</os>`));
    return host;
  }

  it("has the base below the system disk, and metadata", async () => {
    await using host = await openPlain({}, () => ({}));
    await adoptDomain(await host.open(), "plain", noRequest);
    await assertDefinition("adopt/system-disk", host, "plain");
  });

  it("has the data disk that was named", async () => {
    await using host = await openPlain({}, ({ paths }) => ({
      disks: [path.join(paths.diskDir, "own.raw")],
    }));
    const disks = { data: "vdb", scratch: "none" };
    await adoptDomain(await host.open(), "plain", { ...noRequest, disks });
    await assertDefinition("adopt/data-disk-by-option", host, "plain");
  });

  it("has its own copy of the kernel", async () => {
    await using host = await openPlain({ os: "<kernel>kernel</kernel>" }, ({ paths }) => ({
      os: `<kernel>${path.join(paths.baseDir, "web-appliance-1.0-1-kernel")}</kernel>`,
    }));
    await adoptDomain(await host.open(), "plain", noRequest);
    await assertDefinition("adopt/kernel", host, "plain");
  });

  it("has the moved data disk in the record of a known VM", async () => {
    await using host = await openWithVm({});
    await recordBases(host);
    const disk = (name: string): string => path.join(host.paths.diskDir, name);
    await rename(disk("vm1-data.raw"), disk("moved.raw"));
    await editDomain(host, (xml) => xml.replace('vm1-data.raw"/>', 'moved.raw"/>'));
    await adoptDomain(await host.open(), "vm1", noRequest);
    await assertDefinition("adopt/moved-data-disk-of-a-known-VM", host);
  });
});
