import assert from "node:assert/strict";
import path from "node:path";
import { adoptDomain } from "../../src/host/adopt/adopt.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { readInstance } from "../../src/host/instance/instance-xml.ts";
import { addAppliance, type HostFixture, openHostFixture } from "../fixtures/memory-host.ts";
import { domainXml, overlay, recordBases } from "../fixtures/host-bases.ts";
import { killAtEveryChange } from "./kill-every-change.ts";

/** A domain of another program, with a disk on a base and the kernel of the appliance. */
async function open(): Promise<HostFixture> {
  const host = await openHostFixture();
  await addAppliance(host, { os: "<kernel>vmlinuz</kernel>" });
  await recordBases(host);
  const base = (name: string): string =>
    path.join(host.paths.baseDir, `web-appliance-1.0-1-${name}`);
  const disk = path.join(host.paths.diskDir, "plain.qcow2");
  await overlay(disk, base("system.qcow2"));
  const kernel = `<kernel>${base("vmlinuz")}</kernel>`;
  await host.libvirt.defineDomain(domainXml("plain", [disk]).replace("</os>", `${kernel}</os>`));
  return host;
}

/** The domain, as far as it is not adopted, and whether there is a copy of the kernel for it. */
async function look(host: HostFixture): Promise<string> {
  const xml = await host.libvirt.dumpXml("plain");
  const isAdopted = readInstance(xml) !== undefined;
  const hasCopy = (await host.files()).has("var/lib/libvirt/images/plain-vmlinuz");
  // Each host is below another root.
  const rest = isAdopted ? "adopted" : xml.replaceAll(host.paths.root, "");
  return `${rest}\ncopy of the kernel: ${hasCopy ? "yes" : "no"}`;
}

describe("adopt, killed before and after every change", () => {
  it("leaves the domain adopted, with its copy of the kernel, or unchanged without one", () =>
    killAtEveryChange({
      open,
      run: async (host, hook) =>
        adoptDomain(await host.open(hook), "plain", { disks: {}, boot: undefined }),
      recover: async (host) => recoverInterrupted(await host.open()),
      look,
      outcomes: ["as before", "as after"],
      leastChanges: 1,
      checkWhole: async (host) =>
        assert.equal(await look(host), "adopted\ncopy of the kernel: yes"),
    }));
});
