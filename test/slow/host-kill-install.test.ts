import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { recoverInterrupted } from "../../src/host/host.ts";
import type { Host } from "../../src/host/host.ts";
import { installStaged } from "../../src/host/install/install.ts";
import type { EffectHook } from "../../src/lib/effects.ts";
import { withStagedAppliance } from "../../src/pipeline/index.ts";
import { descriptorOf, noise, writeAppliance } from "../support/appliance-fixture.ts";
import { testContext } from "../support/context.ts";
import { countingHook, killingHook, killPoints } from "../support/kill-points.ts";
import { openHostFixture } from "../host/fixture.ts";
import type { HostFixture } from "../host/fixture.ts";

const MIB = 1024 * 1024;

describe("install, killed", () => {
  const context = testContext();
  let folder = "";
  let source = "";
  let host: HostFixture;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "install-"));
    source = path.join(folder, "web-1.0");
    const disk = Buffer.alloc(4 * MIB);
    noise(65536, "web").copy(disk, MIB);
    const descriptor = descriptorOf([{ file: "system.raw", sizeMib: 4 }], {
      name: "web",
      version: "1.0",
    });
    await writeAppliance(source, descriptor, { "system.raw": disk, "README.md": "read me\n" });
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(async () => (host = await openHostFixture()));
  afterEach(() => host[Symbol.asyncDispose]());

  const options = (keepRaw: boolean) =>
    ({
      outputFolder: path.join(folder, "work"),
      package: { buildTimeSeconds: 1_767_225_600 },
      images: { keepRaw, compression: "zstd" },
    }) as const;
  const install = (
    opened: Host,
    keepRaw = false,
  ): Promise<{ readonly id: string; readonly complete: boolean }> =>
    withStagedAppliance(source, options(keepRaw), {
      context,
      use: (staged) => installStaged(opened, staged),
    });
  const open = (hook?: EffectHook): Promise<Host> => host.open(hook);
  it("leaves the whole appliance or nothing wherever it is killed", async () => {
    const counting = countingHook();
    await install(await open(counting));
    const whole = [...(await host.files()).keys()].sort();
    const names = new Set<number>();
    for (const { index, side } of killPoints(counting.labels.length)) {
      await host[Symbol.asyncDispose]();
      host = await openHostFixture();
      await mkdir(path.dirname(host.paths.payloadDir), { recursive: true });
      await install(await open(killingHook(index, side))).catch(() => undefined);
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
