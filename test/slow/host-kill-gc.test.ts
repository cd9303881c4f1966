import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { collectGarbage } from "../../src/host/gc/gc.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { type HostFixture, openHostFixture } from "../host/fixture.ts";
import { basesOf, installAndRemove, openLater, WEEK } from "../host/gc-fixture.ts";
import { countingHook, Killed, killingHook, killPoints } from "../support/kill-points.ts";

const SYSTEM = "web-appliance-1.0-1-system.qcow2";

describe("gc, killed", () => {
  let host: HostFixture;
  const open = async (): Promise<void> => {
    host = await openHostFixture();
    await installAndRemove(host, [], ["1.0"]);
  };
  afterEach(() => host[Symbol.asyncDispose]());

  it("leaves a base and its record, or neither, wherever it is killed", async () => {
    await open();
    await installAndRemove(host, ["2.0"], []);
    const names = async (): Promise<readonly string[]> =>
      [...(await host.files()).keys()].filter((name) => !name.endsWith("/lock")).sort();
    const clean = await names();
    const counting = countingHook();
    await collectGarbage(await openLater(host, { hook: counting }), WEEK);
    const done = await names();
    assert.ok(counting.labels.length > 12, counting.labels.join("\n"));
    const contents = new Map<string, Buffer>();
    await host[Symbol.asyncDispose]();
    const outcomes = new Set<string>();
    for (const { index, side } of killPoints(counting.labels.length)) {
      await open();
      await installAndRemove(host, ["2.0"], []);
      const place = `${side} ${index} ${counting.labels[index]}`;
      const record = path.join(host.paths.stateDir, "bases", SYSTEM);
      contents.set(record, await readFile(record));
      const hook = killingHook(index, side);
      await collectGarbage(await openLater(host, { hook }), WEEK).catch((error: unknown) => {
        assert.ok(error instanceof Killed || error instanceof ApplianceError, place);
      });
      assert.deepEqual(await recoverInterrupted(await host.open()), [], place);
      const isClean = (await basesOf(host)).includes(SYSTEM);
      assert.deepEqual(await names(), isClean ? clean : done, place);
      const records = await readdir(path.join(host.paths.stateDir, "bases"));
      assert.deepEqual(records.sort(), await basesOf(host), place);
      if (isClean) assert.deepEqual(await readFile(record), contents.get(record), place);
      await collectGarbage(await openLater(host), WEEK);
      assert.deepEqual(await names(), done, place);
      outcomes.add(isClean ? "all" : "none");
      await host[Symbol.asyncDispose]();
    }
    assert.deepEqual([...outcomes].sort(), ["all", "none"]);
    await open();
  });
});
