import assert from "node:assert/strict";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { provisionVm } from "../../src/host/create/recipe/provision.ts";
import { request } from "../fixtures/memory-host.ts";
import {
  openProvisionFixture,
  type ProvisionFixture,
  recipeRequest,
} from "../fixtures/provision-host.ts";
import { killAtEveryChange } from "./kill-every-change.ts";

const machine = request({ appliance: "small-recipe", autostart: true });

/** A host with a recipe, whose installer ends as it should. */
async function open(): Promise<ProvisionFixture> {
  const fixture = await openProvisionFixture();
  await fixture.addRecipe();
  return fixture;
}

/** The domains, and the names of all files but logs: no kickstart among them. */
async function look({ base }: ProvisionFixture): Promise<string> {
  const names = [...(await base.files()).keys()].filter((name) => !name.endsWith(".log"));
  const domains = (await base.libvirt.listDomains()).map(({ name }) => name);
  return [`domains: ${domains.join(" ")}`, ...names.sort()].join("\n");
}

describe("create from a recipe, killed before and after every change", () => {
  it("leaves a whole VM or nothing, and no kickstart", () =>
    killAtEveryChange({
      open,
      run: async (fixture, hook) =>
        provisionVm(await fixture.open({ hook }), recipeRequest(fixture, { machine })),
      recover: async (fixture) => recoverInterrupted(await fixture.open()),
      look,
      outcomes: ["as before", "as after"],
      leastChanges: 16,
      checkWhole: (_fixture, changes) => {
        assert.doesNotMatch(changes.join("\n"), /s3cret/);
        return Promise.resolve();
      },
      check: async ({ base: { libvirt } }, outcome, point) => {
        assert.equal((await libvirt.listDomains()).length, outcome === "as after" ? 1 : 0, point);
        if (outcome === "as before") return;
        assert.ok((await libvirt.domainFacts("vm1")).autostart, point);
      },
    }));
});
