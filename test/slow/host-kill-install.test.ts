import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { type HostFixture, openHostFixture } from "../fixtures/memory-host.ts";
import { type InstallFixture, openInstallFixture } from "../fixtures/installable-appliance.ts";
import { killAtEveryChange } from "./kill-every-change.ts";

/** A host on which the appliance is not installed; the staging folder is there. */
async function open(): Promise<HostFixture> {
  const host = await openHostFixture();
  await mkdir(path.dirname(host.paths.payloadDir), { recursive: true });
  return host;
}

/** Names of the files of the appliance, but of those that the next run of `reconcile` makes if they are missing. */
async function look(host: HostFixture): Promise<string> {
  const names = [...(await host.files()).keys()].sort();
  return names
    .filter((name) => !/\/base\/|\/registered\/|osinfo-|\/lock$|etc\//.test(name))
    .join("\n");
}

describe("install, killed before and after every change", () => {
  let web: InstallFixture;
  before(async () => (web = await openInstallFixture()));
  after(() => web[Symbol.asyncDispose]());

  it("leaves the whole appliance or nothing", () =>
    killAtEveryChange({
      open,
      run: async (host, hook) => web.install(await host.open(hook)),
      recover: async (host) => recoverInterrupted(await host.open()),
      look,
      outcomes: ["as before", "as after"],
      leastChanges: 1,
      checkWhole: async (host) => assert.match(await look(host), /catalogue\.json$/m),
      check: async (host, outcome, point) => {
        if (outcome === "as before") assert.equal(await look(host), "", point);
      },
    }));
});
