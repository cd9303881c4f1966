import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { createVm } from "../../src/host/create/create.ts";
import { destroyVm } from "../../src/host/destroy/destroy.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import {
  addAppliance,
  type HostFixture,
  openHostFixture,
  request,
} from "../fixtures/memory-host.ts";
import { killAtEveryChange } from "./kill-every-change.ts";

/** A host with the appliance `web`, and no VM. */
async function openWithAppliance(): Promise<HostFixture> {
  const host = await openHostFixture();
  await addAppliance(host);
  return host;
}

/** The same with the VM vm1, which runs. */
async function openWithVm(): Promise<HostFixture> {
  const host = await openWithAppliance();
  await createVm(await host.open(), request());
  return host;
}

/** Stops and starts the host: libvirt starts domains with autostart before `recover` runs. */
async function reboot({ libvirt }: HostFixture): Promise<void> {
  for (const { name } of await libvirt.listDomains()) {
    await libvirt.stopDomain(name);
    if ((await libvirt.domainFacts(name)).autostart) await libvirt.startDomain(name);
  }
}

async function domainsOf({ libvirt }: HostFixture): Promise<readonly string[]> {
  return (await libvirt.listDomains()).map(({ name }) => name);
}

describe("create, killed before and after every change", () => {
  it("leaves a whole VM or nothing after a reboot", () =>
    killAtEveryChange({
      open: openWithAppliance,
      run: async (host, hook) => createVm(await host.open(hook), request({ autostart: true })),
      betweenKillAndRecover: reboot,
      recover: async (host) => recoverInterrupted(await host.open()),
      look: async (host) =>
        JSON.stringify([await domainsOf(host), [...(await host.files()).keys()].sort()]),
      outcomes: ["as before", "as after"],
      leastChanges: 11,
    }));
});

describe("destroy, killed before and after every change", () => {
  const disksOf = async ({ paths }: HostFixture): Promise<readonly string[]> =>
    (await readdir(paths.diskDir)).filter((name) => name.startsWith("vm1")).sort();

  it("leaves the whole VM running, or nothing of it", () =>
    killAtEveryChange({
      open: openWithVm,
      run: async (host, hook) =>
        destroyVm(await host.open(hook), "vm1", { data: "remove", running: "stop" }),
      recover: async (host) => recoverInterrupted(await host.open()),
      look: async (host) => JSON.stringify([await domainsOf(host), await disksOf(host)]),
      outcomes: ["as before", "as after"],
      leastChanges: 1,
      check: async (host, outcome, point) => {
        assert.equal((await domainsOf(host)).length, outcome === "as before" ? 1 : 0, point);
        assert.equal((await disksOf(host)).length, outcome === "as before" ? 3 : 0, point);
        if (outcome === "as after") return;
        const data = path.join(host.paths.diskDir, "vm1-data.raw");
        assert.equal((await stat(data)).size, 4 * 1024 * 1024, point);
        assert.ok((await host.libvirt.domainFacts("vm1")).isActive, point);
      },
    }));
});
