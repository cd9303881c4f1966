import assert from "node:assert/strict";
import { ApplianceError } from "../../src/errors.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { provisionVm } from "../../src/host/create/recipe/provision.ts";
import { request } from "../host/fixture.ts";
import {
  openProvisionFixture,
  type ProvisionFixture,
  recipeRequest,
} from "../host/provision-fixture.ts";
import { countingHook, Killed, killingHook, killPoints } from "../support/kill-points.ts";

describe("create from a recipe, killed", () => {
  let fixture: ProvisionFixture;
  const open = async (): Promise<void> => {
    fixture = await openProvisionFixture();
    await fixture.addRecipe();
  };
  beforeEach(() => open());
  afterEach(() => fixture[Symbol.asyncDispose]());

  const machine = request({ appliance: "small-recipe", autostart: true });
  /** What is there of the VM and of the operation; a log is no part of either. */
  const names = async (): Promise<string[]> =>
    [...(await fixture.base.files()).keys()].filter((name) => !name.endsWith(".log")).sort();

  it("leaves a whole VM or nothing wherever it is killed, and no kickstart", async () => {
    const counting = countingHook();
    const clean = await names();
    await provisionVm(await fixture.open({ hook: counting }), recipeRequest(fixture, { machine }));
    const whole = await names();
    assert.ok(counting.labels.length > 15, counting.labels.join("\n"));
    assert.doesNotMatch(counting.labels.join("\n"), /s3cret/);
    const outcomes = new Set<string>();
    for (const { index, side } of killPoints(counting.labels.length)) {
      await fixture[Symbol.asyncDispose]();
      await open();
      const place = `${side} ${index} ${counting.labels[index]}`;
      const host = await fixture.open({ hook: killingHook(index, side) });
      await provisionVm(host, recipeRequest(fixture, { machine })).catch((error: unknown) => {
        assert.ok(error instanceof Killed || error instanceof ApplianceError, place);
      });
      assert.deepEqual(await recoverInterrupted(await fixture.open()), [], place);
      const domains = await fixture.base.libvirt.listDomains();
      assert.deepEqual(await names(), domains.length === 0 ? clean : whole, place);
      outcomes.add(domains.length === 0 ? "nothing" : "whole");
      if (domains.length === 0) continue;
      const { autostart } = await fixture.base.libvirt.domainFacts("vm1");
      assert.ok(autostart, place);
    }
    assert.deepEqual([...outcomes].sort(), ["nothing", "whole"]);
  });
});
