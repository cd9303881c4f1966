import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { createVm } from "../../src/host/create/create.ts";
import { destroyVm } from "../../src/host/destroy/destroy.ts";
import type { DestroyRequest } from "../../src/host/destroy/plan-destroy.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { addAppliance, type HostFixture, openHostFixture, request } from "../host/fixture.ts";
import { countingHook, Killed, killingHook, killPoints } from "../support/kill-points.ts";

const all: DestroyRequest = { data: "remove", running: "stop" };

/** The host goes down and comes up again: libvirt starts what has autostart before anything is recovered. */
async function reboot({ libvirt }: HostFixture): Promise<void> {
  for (const { name } of await libvirt.listDomains()) {
    await libvirt.stopDomain(name);
    if ((await libvirt.domainFacts(name)).autostart) await libvirt.startDomain(name);
  }
}

describe("create, killed", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openHostFixture();
    await addAppliance(host);
  });
  afterEach(() => host[Symbol.asyncDispose]());

  it("leaves a whole VM or nothing wherever it is killed", async () => {
    const counting = countingHook();
    const clean = await host.files();
    await createVm(await host.open(counting), request({ autostart: true }));
    const whole = await host.files();
    const clear = async (): Promise<void> => {
      await host[Symbol.asyncDispose]();
      host = await openHostFixture();
      await addAppliance(host);
    };
    assert.ok(counting.labels.length > 10, counting.labels.join("\n"));
    const outcomes = new Set<string>();
    for (const { index, side } of killPoints(counting.labels.length)) {
      await clear();
      const place = `${side} ${index} ${counting.labels[index]}`;
      const hook = killingHook(index, side);
      await createVm(await host.open(hook), request({ autostart: true })).catch(
        (error: unknown) => {
          assert.ok(error instanceof Killed || error instanceof ApplianceError, place);
        },
      );
      await reboot(host);
      assert.deepEqual(await recoverInterrupted(await host.open()), [], place);
      const found = await host.files();
      const domains = await host.libvirt.listDomains();
      if (domains.length === 0) assert.deepEqual([...found.keys()], [...clean.keys()], place);
      else assert.deepEqual([...found.keys()].sort(), [...whole.keys()].sort(), place);
      outcomes.add(domains.length === 0 ? "nothing" : "whole");
    }
    assert.deepEqual([...outcomes].sort(), ["nothing", "whole"]);
  });
});

describe("destroy, killed", () => {
  let host: HostFixture;
  const open = async (): Promise<void> => {
    host = await openHostFixture();
    await addAppliance(host);
    await createVm(await host.open(), request());
  };
  beforeEach(() => open());
  afterEach(() => host[Symbol.asyncDispose]());

  const disks = async (): Promise<string[]> =>
    (await readdir(host.paths.diskDir)).filter((name) => name.startsWith("vm1")).sort();

  it("leaves the VM whole or takes all of it wherever it is killed", async () => {
    const counting = countingHook();
    await destroyVm(await host.open(counting), "vm1", all);
    const outcomes = new Set<string>();
    for (const { index, side } of killPoints(counting.labels.length)) {
      await host[Symbol.asyncDispose]();
      await open();
      const data = path.join(host.paths.diskDir, "vm1-data.raw");
      const place = `${side} ${index} ${counting.labels[index]}`;
      await destroyVm(await host.open(killingHook(index, side)), "vm1", all).catch(() => undefined);
      assert.deepEqual(await recoverInterrupted(await host.open()), [], place);
      const isThere = (await host.libvirt.listDomains()).length === 1;
      assert.equal((await disks()).length, isThere ? 3 : 0, place);
      if (isThere) assert.equal((await stat(data)).size, 4 * 1024 * 1024, place);
      if (isThere) assert.ok((await host.libvirt.domainFacts("vm1")).isActive, place);
      outcomes.add(isThere ? "whole" : "gone");
    }
    assert.deepEqual([...outcomes].sort(), ["gone", "whole"]);
  });
});
