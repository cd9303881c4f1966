import assert from "node:assert/strict";
import path from "node:path";
import { adoptDomain } from "../../src/host/adopt/adopt.ts";
import { createVm } from "../../src/host/create/create.ts";
import { destroyVm } from "../../src/host/destroy/destroy.ts";
import { exportVm } from "../../src/host/export/export.ts";
import type { ExportRequest } from "../../src/host/export/export-request.ts";
import { collectGarbage, prepareGc } from "../../src/host/gc/gc.ts";
import { growVm } from "../../src/host/grow/grow.ts";
import type { LocalHost } from "../../src/host/access/local-host.ts";
import { lockCatalogue, lockVm } from "../../src/host/operation/locks.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { uninstall } from "../../src/host/install/uninstall.ts";
import { acceptVm } from "../../src/host/update/accept.ts";
import { rollbackVm } from "../../src/host/update/rollback.ts";
import { updateVm } from "../../src/host/update/update.ts";
import type { Lock } from "../../src/lib/lock.ts";
import { killingHook } from "../support/kill-points.ts";
import {
  addAppliance,
  type HostFixture,
  openHostFixture,
  request,
} from "../fixtures/memory-host.ts";
import { basesOf, installAndRemove, openLater, WEEK } from "../fixtures/host-bases.ts";
import { openInstallFixture } from "../fixtures/installable-appliance.ts";
import { updateRequest } from "../fixtures/appliance-versions.ts";

function exportRequest({ paths }: HostFixture): ExportRequest {
  const folder = path.join(paths.root, "archive");
  return { folder, name: undefined, running: "refuse", stopSeconds: 1, start: false };
}

describe("locks of a host", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openHostFixture();
    await addAppliance(host);
  });
  afterEach(() => host[Symbol.asyncDispose]());

  it("create waits for an operation on the same VM", async () => {
    const labels: string[] = [];
    await using lock = await lockVm(await host.open(), "vm1", { purpose: "test" });
    const before = (label: string): void => void labels.push(label);
    const waiting = createVm(await host.open({ before }), request({ start: false }));
    // Meanwhile another one is made, wholly.
    await createVm(await host.open(), request({ vm: "vm2", start: false }));
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
    await createVm(await host.open(killingHook(6, "after")), request()).catch(() => undefined);
    const opened = await host.open();
    await using lock = await lockVm(opened, "vm1", { purpose: "test" });
    await recoverInterrupted(opened);
    assert.equal((await opened.journal.pending()).length, 1);
    await lock[Symbol.asyncDispose]();
    await recoverInterrupted(opened);
    assert.equal((await opened.journal.pending()).length, 0);
  });

  const onVm: Readonly<Record<string, (on: LocalHost) => Promise<unknown>>> = {
    adopt: (on) => adoptDomain(on, "vm1", { disks: {}, boot: undefined }),
    accept: (on) => acceptVm(on, "vm1"),
    create: (on) => createVm(on, request({ start: false })),
    destroy: (on) => destroyVm(on, "vm1", { data: "remove", running: "refuse" }),
    export: (on) => exportVm(on, "vm1", exportRequest(host)),
    grow: (on) => growVm(on, "vm1", { disk: "data", request: { toBytes: 2 ** 30 } }),
    rollback: (on) => rollbackVm(on, "vm1", { start: "no", stopSeconds: undefined }),
    update: (on) => updateVm(on, "vm1", updateRequest()),
  };
  for (const [command, run] of Object.entries(onVm))
    it(`keep ${command} from a VM that somebody works on until that ends`, async () => {
      await using lock = await lockVm(await host.open(), "vm1", { purpose: "test" });
      await waitsFor(host, lock, run);
    });

  it("install and uninstall wait for a change of the catalogue", async () => {
    await using web = await openInstallFixture();
    await using empty = await openHostFixture();
    const held = (): Promise<Lock> => empty.open().then((on) => lockCatalogue(on, "test"));
    await waitsFor(empty, await held(), (on) => web.install(on));
    await waitsFor(empty, await held(), (on) => uninstall(on, "web-appliance-1.0-1"));
  });

  /** Runs something that has to wait for a lock, and changes nothing until that is given back. */
  async function waitsFor(
    on: HostFixture,
    lock: Lock,
    run: (opened: LocalHost) => Promise<unknown>,
  ): Promise<void> {
    const labels: string[] = [];
    const opened = await on.open({ before: (label) => void labels.push(label) });
    let said: (line: string) => void = () => {};
    const waits = new Promise<string>((resolve) => (said = resolve));
    const logger = { ...opened.context.logger, info: said };
    const running = run({ ...opened, context: { ...opened.context, logger } });
    const ended = running.then(
      () => "it did not wait",
      (error: unknown) => `it did not wait: ${String(error)}`,
    );
    const first = await Promise.race([waits, ended]);
    assert.match(first, /^waiting for process .* \(test( vm1)?\)$/);
    assert.deepEqual(labels, []);
    await lock[Symbol.asyncDispose]();
    await ended;
  }
});
