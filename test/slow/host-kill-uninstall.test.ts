import assert from "node:assert/strict";
import path from "node:path";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { installStaged } from "../../src/host/install/install.ts";
import { uninstall } from "../../src/host/install/uninstall.ts";
import { listAppliances } from "../../src/host/show/list-appliances.ts";
import { withStagedAppliance } from "../../src/pipeline/index.ts";
import { descriptorOf, noise, writeAppliance } from "../support/appliance-fixture.ts";
import { testContext } from "../support/context.ts";
import { countingHook, killingHook, killPoints } from "../support/kill-points.ts";
import { type HostFixture, openHostFixture } from "../host/fixture.ts";
import { temporaryFolder } from "../support/temporary.ts";

const MIB = 1024 * 1024;

describe("uninstall, killed", () => {
  const context = testContext();
  const folder = temporaryFolder();
  let host: HostFixture;
  before(async () => {
    const disk = Buffer.alloc(2 * MIB);
    noise(65536, "web").copy(disk, MIB);
    const descriptor = descriptorOf([{ file: "system.raw", sizeMib: 2 }], { name: "web" });
    await writeAppliance(path.join(folder, "web"), descriptor, { "system.raw": disk });
  });
  afterEach(() => host[Symbol.asyncDispose]());

  async function openInstalled(): Promise<void> {
    host = await openHostFixture();
    const opened = await host.open();
    const options = {
      outputFolder: path.join(folder, "work"),
      package: { buildTimeSeconds: 1_767_225_600, version: "1.0" },
      images: { keepRaw: false, compression: "zstd" },
    } as const;
    const use = (staged: Parameters<typeof installStaged>[1]) => installStaged(opened, staged);
    await withStagedAppliance(path.join(folder, "web"), options, { context, use });
  }
  /** All but what a later run of `reconcile` sees to. */
  const names = async (): Promise<readonly string[]> =>
    [...(await host.files()).keys()].filter((name) => !/\/registered\/|\/lock$/.test(name)).sort();

  it("leaves the whole appliance or nothing but its base, wherever it is killed", async () => {
    await openInstalled();
    const whole = await names();
    const counting = countingHook();
    await uninstall(await host.open(counting), "web");
    const gone = await names();
    assert.ok(gone.length < whole.length && gone.some((name) => name.includes("/base/web")));
    const outcomes = new Set<string>();
    for (const { index, side } of killPoints(counting.labels.length)) {
      await host[Symbol.asyncDispose]();
      await openInstalled();
      await uninstall(await host.open(killingHook(index, side)), "web").catch(() => undefined);
      const place = `${side} ${index} ${counting.labels[index]}`;
      assert.deepEqual(await recoverInterrupted(await host.open()), [], place);
      const isWhole = (await listAppliances(host.paths)).appliances.length === 1;
      assert.deepEqual(await names(), isWhole ? whole : gone, place);
      outcomes.add(isWhole ? "whole" : "gone");
    }
    assert.deepEqual([...outcomes].sort(), ["gone", "whole"]);
  });
});
