import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { createVm } from "../../src/host/create/create.ts";
import { exportVm } from "../../src/host/export/export.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { addAppliance, type HostFixture, openHostFixture, request } from "../host/fixture.ts";
import { countingHook, Killed, killingHook, killPoints } from "../support/kill-points.ts";

describe("export, killed", () => {
  let host: HostFixture;
  let folder = "";
  beforeEach(async () => {
    host = await openHostFixture();
    folder = path.join(host.paths.root, "archive");
    await addAppliance(host, { os: "<kernel>vmlinuz</kernel>" });
    await createVm(await host.open(), request());
  });
  afterEach(() => host[Symbol.asyncDispose]());

  it("leaves a whole folder or none, and the VM as it was, wherever it is killed", async () => {
    const clean = await host.files();
    const counting = countingHook();
    const wanted = {
      folder,
      name: undefined,
      running: "stop",
      stopSeconds: 1,
      start: true,
    } as const;
    await exportVm(await host.open(counting), "vm1", wanted);
    const whole = (await readdir(folder)).sort();
    const outcomes = new Set<string>();
    for (const { index, side } of killPoints(counting.labels.length)) {
      await rm(folder, { recursive: true, force: true });
      const place = `${side} ${index} ${counting.labels[index]}`;
      const hook = killingHook(index, side);
      await exportVm(await host.open(hook), "vm1", wanted).catch((error: unknown) => {
        assert.ok(error instanceof Killed || error instanceof ApplianceError, place);
      });
      assert.deepEqual(await recoverInterrupted(await host.open()), [], place);
      const found = await readdir(folder).catch(() => undefined);
      if (found !== undefined) assert.deepEqual(found.sort(), whole, place);
      outcomes.add(found === undefined ? "none" : "whole");
      assert.equal((await host.libvirt.domainFacts("vm1")).isActive, true, place);
      await rm(folder, { recursive: true, force: true });
      assert.deepEqual(await host.files(), clean, place);
      const names = await readdir(host.paths.root);
      assert.deepEqual(
        names.filter((name) => name.startsWith(".archive.exporting")),
        [],
        place,
      );
    }
    assert.deepEqual([...outcomes].sort(), ["none", "whole"]);
  });
});
