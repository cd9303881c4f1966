import assert from "node:assert/strict";
import { createVm } from "../../src/host/create/create.ts";
import { collectGarbage, prepareGc } from "../../src/host/gc/gc.ts";
import { lockCatalogue, lockVm, recoverInterrupted } from "../../src/host/host.ts";
import { killingHook } from "../support/kill-points.ts";
import { addAppliance, openHostFixture, wish } from "./fixture.ts";
import type { HostFixture } from "./fixture.ts";
import { basesOf, installAndRemove, openLater, WEEK } from "./gc-fixture.ts";

describe("locks of a host", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openHostFixture();
    await addAppliance(host);
  });
  afterEach(() => host[Symbol.asyncDispose]());

  it("keep create from a VM that somebody works on", async () => {
    const labels: string[] = [];
    await using lock = await lockVm(await host.open(), "vm1", { purpose: "test" });
    const before = (label: string): void => void labels.push(label);
    const waiting = createVm(await host.open({ before }), wish({ start: false }));
    // Meanwhile another one is made, wholly.
    await createVm(await host.open(), wish({ vm: "vm2", start: false }));
    assert.deepEqual(labels, []);
    await lock[Symbol.asyncDispose]();
    await waiting;
    assert.ok(labels.length > 0);
  });

  it("keep gc from bases while the catalogue changes", async () => {
    await installAndRemove(host, [], ["0.9"]);
    const bases = await basesOf(host);
    await using lock = await lockCatalogue(await host.open(), "test");
    const waiting = collectGarbage(await openLater(host), WEEK);
    // Time enough for one that does not wait to be done.
    for (let times = 0; times < 40; times += 1) await prepareGc(await openLater(host), WEEK);
    assert.deepEqual(await basesOf(host), bases);
    await lock[Symbol.asyncDispose]();
    assert.equal((await waiting).unused.length, 2);
  });

  it("keep recovery from an operation that is going on", async () => {
    await createVm(await host.open(killingHook(6, "after")), wish()).catch(() => undefined);
    const opened = await host.open();
    await using lock = await lockVm(opened, "vm1", { purpose: "test" });
    await recoverInterrupted(opened);
    assert.equal((await opened.journal.pending()).length, 1);
    await lock[Symbol.asyncDispose]();
    await recoverInterrupted(opened);
    assert.equal((await opened.journal.pending()).length, 0);
  });
});
