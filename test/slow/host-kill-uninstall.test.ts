import assert from "node:assert/strict";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { uninstall } from "../../src/host/install/uninstall.ts";
import { listAppliances } from "../../src/host/show/list-appliances.ts";
import { type HostFixture, openHostFixture } from "../fixtures/memory-host.ts";
import { type InstallFixture, openInstallFixture } from "../fixtures/installable-appliance.ts";
import { killAtEveryChange } from "./kill-every-change.ts";

/** Names of all files, but of those that the next run of `reconcile` makes if they are missing. */
async function namesOn(host: HostFixture): Promise<readonly string[]> {
  const names = [...(await host.files()).keys()];
  return names.filter((name) => !/\/registered\/|\/lock$/.test(name)).sort();
}

async function look(host: HostFixture): Promise<string> {
  const { appliances } = await listAppliances(host.paths);
  return [`appliances: ${appliances.length}`, ...(await namesOn(host))].join("\n");
}

describe("uninstall, killed before and after every change", () => {
  let web: InstallFixture;
  let installed: readonly string[];
  before(async () => (web = await openInstallFixture()));
  after(() => web[Symbol.asyncDispose]());

  it("leaves the whole appliance, or only its base", () =>
    killAtEveryChange({
      open: async () => {
        const host = await openHostFixture();
        await web.install(await host.open());
        installed = await namesOn(host);
        return host;
      },
      run: async (host, hook) => uninstall(await host.open(hook), "web"),
      recover: async (host) => recoverInterrupted(await host.open()),
      look,
      outcomes: ["as before", "as after"],
      leastChanges: 1,
      checkWhole: async (host) => {
        const left = await namesOn(host);
        assert.ok(left.length < installed.length);
        assert.ok(left.some((name) => name.includes("/base/web")));
      },
      check: async (host, outcome, point) => {
        const { appliances } = await listAppliances(host.paths);
        assert.equal(appliances.length, outcome === "as before" ? 1 : 0, point);
      },
    }));
});
