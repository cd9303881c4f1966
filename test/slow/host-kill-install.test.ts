import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { LocalHost } from "../../src/host/access/local-host.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import type { EffectHook } from "../../src/lib/journal/effects.ts";
import { countingHook, killingHook, killPoints } from "../support/kill-points.ts";
import { type HostFixture, openHostFixture } from "../host/fixture.ts";
import { type InstallFixture, openInstallFixture } from "../host/install-fixture.ts";

describe("install, killed", () => {
  let web: InstallFixture;
  let host: HostFixture;
  before(async () => (web = await openInstallFixture()));
  after(() => web[Symbol.asyncDispose]());
  beforeEach(async () => (host = await openHostFixture()));
  afterEach(() => host[Symbol.asyncDispose]());

  const open = (hook?: EffectHook): Promise<LocalHost> => host.open(hook);
  it("leaves the whole appliance or nothing wherever it is killed", async () => {
    const counting = countingHook();
    await web.install(await open(counting));
    const whole = [...(await host.files()).keys()].sort();
    const names = new Set<number>();
    for (const { index, side } of killPoints(counting.labels.length)) {
      await host[Symbol.asyncDispose]();
      host = await openHostFixture();
      await mkdir(path.dirname(host.paths.payloadDir), { recursive: true });
      await web.install(await open(killingHook(index, side))).catch(() => undefined);
      const place = `${side} ${index} ${counting.labels[index]}`;
      assert.deepEqual(await recoverInterrupted(await open()), [], place);
      const found = [...(await host.files()).keys()].sort();
      // What a scriptlet could not do, the next run of reconcile does: bases may be missing still.
      const isWhole = found.some((name) => name.endsWith("catalogue.json"));
      const bases = (name: string): boolean =>
        !/\/base\/|\/registered\/|osinfo-|\/lock$|etc\//.test(name);
      assert.deepEqual(found.filter(bases), isWhole ? whole.filter(bases) : [], place);
      names.add(found.length);
    }
    assert.ok(names.size >= 2);
  });
});
