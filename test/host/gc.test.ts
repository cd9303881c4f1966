import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { createVm } from "../../src/host/create/create.ts";
import { destroyVm } from "../../src/host/destroy/destroy.ts";
import { collectGarbage, prepareGc } from "../../src/host/gc/gc.ts";
import { lockVm } from "../../src/host/operation/locks.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import type { MemoryLibvirtState } from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import { countingHook, killingHook } from "../support/kill-points.ts";
import { addAppliance, type HostFixture, request } from "../fixtures/memory-host.ts";
import {
  basesOf,
  DATA,
  domainXml,
  images,
  installAndRemove,
  openLater,
  openWithUnusedBases,
  overlay,
  put,
  reasonsFor,
  stateOf,
  SYSTEM,
  WEEK,
} from "../fixtures/host-bases.ts";

describe("gc", () => {
  let host: HostFixture;
  const open = async (libvirt: () => MemoryLibvirtState = () => ({})): Promise<void> => {
    host = await openWithUnusedBases(libvirt);
  };
  afterEach(() => host[Symbol.asyncDispose]());

  it("removes unused bases and their records, and reports the freed space", async () => {
    await open();
    const plan = await collectGarbage(await openLater(host), WEEK);
    assert.deepEqual(
      plan.unused.map(({ file }) => file),
      [DATA, SYSTEM],
    );
    assert.equal(plan.unused[0]?.bytes, 4 * 1024 * 1024);
    assert.deepEqual(await basesOf(host), []);
    assert.deepEqual(await readdir(path.join(host.paths.stateDir, "bases")), []);
    assert.deepEqual(await readdir(path.join(host.paths.stateDir, "journal")), []);
  });

  it("a dry run removes nothing", async () => {
    await open();
    const before = await host.files();
    assert.equal((await prepareGc(await openLater(host), WEEK)).unused.length, 2);
    assert.deepEqual(await host.files(), before);
  });

  it("keeps what an operation that is going on uses", async () => {
    await open();
    const record = {
      schema: 1,
      id: "20260101-create-1",
      verb: "create",
      subject: "vm1",
      startedAt: "2026-01-01T00:00:00Z",
      begun: 1,
      commitAfter: 1,
      steps: [{ kind: "make-overlay", base: path.join(host.paths.baseDir, SYSTEM) }],
    };
    const file = path.join(host.paths.stateDir, "journal/20260101-create-1.json");
    await put(file, JSON.stringify(record));
    await using _lock = await lockVm(await host.open(), "vm1", { purpose: "create" });
    const plan = await collectGarbage(await openLater(host), WEEK);
    assert.deepEqual(reasonsFor(plan, SYSTEM), ["operation 20260101-create-1"]);
    assert.deepEqual(await basesOf(host), [SYSTEM]);
  });

  it("does not mind what cannot be looked at while everything is used", async () => {
    await open(() => ({ isUnreachable: true }));
    await addAppliance(host);
    const plan = await collectGarbage(await openLater(host), WEEK);
    assert.deepEqual([plan.obstacles, plan.unused], [[], []]);
  });

  it("reports what it could not examine, even if no base is kept for it", async () => {
    const pool = { name: "far", isActive: false, type: "logical", targetPath: "/dev/far" };
    const unseen = ["pool far: not active, so its content is unknown"];
    await open(() => ({ pools: [{ ...pool, volumes: [] }] }));
    const unsure = await collectGarbage(await openLater(host), WEEK);
    assert.deepEqual([unsure.unseen, unsure.obstacles, unsure.unused], [unseen, unseen, []]);
    await addAppliance(host);
    const used = await collectGarbage(await openLater(host), WEEK);
    assert.deepEqual([used.unseen, used.obstacles, used.unused], [unseen, [], []]);
  });

  it("sees through a link to the folder of bases, and misses no base that is gone", async () => {
    await open();
    const real = path.join(host.paths.root, "srv/base");
    await mkdir(path.dirname(real));
    await rename(host.paths.baseDir, real);
    await symlink(real, host.paths.baseDir);
    await overlay(images(host, "vm.qcow2"), path.join(host.paths.baseDir, SYSTEM));
    await overlay(images(host, "dead.qcow2"), path.join(host.paths.baseDir, "gone.qcow2"));
    const plan = await collectGarbage(await openLater(host), WEEK);
    assert.deepEqual([plan.obstacles, stateOf(plan, SYSTEM)], [[], "used"]);
    assert.deepEqual(await basesOf(host), [SYSTEM]);
  });

  it("is not held up by what a user puts among definitions", async () => {
    await open();
    const { root } = host.paths;
    await put(path.join(root, "etc/passwd"), "u:x:1000:1000::/home/u:/bin/sh\n");
    const folder = path.join(root, "home/u/.config/libvirt/qemu");
    await mkdir(path.join(folder, "folder.xml"), { recursive: true });
    await testContext().run("mkfifo", [path.join(folder, "fifo.xml")]);
    await symlink("/dev/zero", path.join(folder, "zero.xml"));
    assert.equal((await prepareGc(await openLater(host), WEEK)).unused.length, 2);
  });

  it("ends where images rest on each other in a circle", async () => {
    await open();
    await overlay(images(host, "a.qcow2"), "b.qcow2");
    await overlay(images(host, "b.qcow2"), "a.qcow2");
    assert.equal((await prepareGc(await openLater(host), WEEK)).unused.length, 2);
  });

  it("is not misled by a longer name", async () => {
    await open(() => ({
      domains: [{ xml: domainXml("x", [], `<x y="my-${SYSTEM} ${DATA}.old"/>`) }],
    }));
    assert.equal((await prepareGc(await openLater(host), WEEK)).unused.length, 2);
  });

  it("keeps for a while what was in use lately", async () => {
    await open();
    const soon = await prepareGc(await openLater(host, { days: 6 }), WEEK);
    assert.equal(stateOf(soon, SYSTEM), "recent");
    assert.match(reasonsFor(soon, SYSTEM).join(), /kept for 7 days, last in use [56] days ago/);
    assert.equal((await prepareGc(await openLater(host, { days: 8 }), WEEK)).unused.length, 2);
    assert.equal(
      (await prepareGc(await openLater(host, { days: 0 }), { graceMs: 0 })).unused.length,
      2,
    );
  });

  it("counts the time from when a run last saw it in use", async () => {
    await open();
    await overlay(images(host, "vm.qcow2"), path.join(host.paths.baseDir, SYSTEM));
    const seen = await collectGarbage(await openLater(host, { days: 100 }), WEEK);
    assert.equal(stateOf(seen, SYSTEM), "used");
    await rm(images(host, "vm.qcow2"));
    const later = await prepareGc(await openLater(host, { days: 104 }), WEEK);
    assert.equal(stateOf(later, SYSTEM), "recent");
    assert.equal((await prepareGc(await openLater(host, { days: 108 }), WEEK)).unused.length, 1);
  });

  it("leaves alone what it did not make, or what was changed", async () => {
    await open();
    await put(path.join(host.paths.baseDir, "mine.img"), "somebody's");
    await utimes(path.join(host.paths.baseDir, DATA), 1, 1);
    const plan = await collectGarbage(await openLater(host), WEEK);
    assert.equal(stateOf(plan, "mine.img"), "foreign");
    assert.equal(stateOf(plan, DATA), "foreign");
    assert.deepEqual(await basesOf(host), ["mine.img", DATA].sort());
  });

  it("keeps another file that replaced a base, even if it looks the same", async () => {
    await open();
    const base = path.join(host.paths.baseDir, DATA);
    const copy = path.join(host.paths.root, "copy");
    await testContext().run("cp", ["--preserve=all", base, copy]);
    await rename(copy, base);
    assert.equal(stateOf(await prepareGc(await openLater(host), WEEK), DATA), "foreign");
  });

  it("sets no other file aside than the one that it looked at", async () => {
    await open();
    const base = path.join(host.paths.baseDir, DATA);
    let isReplaced = false;
    const before = async (label: string): Promise<void> => {
      if (isReplaced || !label.includes("/journal/")) return;
      isReplaced = true;
      await writeFile(path.join(host.paths.root, "new"), "somebody's");
      await rename(path.join(host.paths.root, "new"), base);
    };
    await collectGarbage(await openLater(host, { hook: { before } }), WEEK);
    assert.equal(await readFile(base, "utf8"), "somebody's");
  });

  it("keeps what VMs of several versions use, and removes the rest", async () => {
    await open();
    await installAndRemove(host, ["1.3"], ["1.1", "1.2"]);
    await addAppliance(host, { version: "1.1" });
    await createVm(await host.open(), request({ appliance: "web-1.1", start: false }));
    await rm(path.join(host.paths.catalogueDir, "web-appliance-1.1-1"), { recursive: true });
    const plan = await collectGarbage(await openLater(host), WEEK);
    assert.deepEqual(
      plan.unused.map(({ file }) => file),
      ["1.0", "1.2"].flatMap((v) => [
        `web-appliance-${v}-1-data.raw`,
        `web-appliance-${v}-1-system.qcow2`,
      ]),
    );
    // The VM's metadata names the base of its data disk, which an update compares with.
    assert.equal((await basesOf(host)).length, 4);
    await destroyVm(await host.open(), "vm1", { data: "remove", running: "refuse" });
    assert.equal(
      (await collectGarbage(await openLater(host, { days: 60 }), WEEK)).unused.length,
      2,
    );
  });

  it("brings back what comes into use while it is removed", async () => {
    await open();
    const base = path.join(host.paths.baseDir, SYSTEM);
    let count = 0;
    const hook = {
      before: async (label: string) => {
        if (label !== `rename ${path.join(host.paths.baseDir, `.${SYSTEM}.unused`)}`) return;
        count += 1;
        await overlay(images(host, "quick.qcow2"), base);
      },
    };
    const plan = await collectGarbage(await openLater(host, { hook }), WEEK);
    assert.equal(count, 1);
    assert.equal(stateOf(plan, SYSTEM), "used");
    assert.deepEqual(await basesOf(host), [SYSTEM]);
    assert.deepEqual(await readdir(path.join(host.paths.stateDir, "journal")), []);
  });

  it("gives a base that comes back its record, and way to one that was unpacked anew", async () => {
    for (const other of ["none", "new"] as const) {
      await open();
      const counting = countingHook();
      await collectGarbage(await openLater(host, { hook: counting }), WEEK);
      const confirm = counting.labels.findIndex((label) => label.endsWith(".unused")) + 1;
      await host[Symbol.asyncDispose]();
      await open();
      await collectGarbage(
        await openLater(host, { hook: killingHook(confirm, "after") }),
        WEEK,
      ).catch(() => undefined);
      const record = path.join(host.paths.stateDir, "bases", DATA);
      await rm(record);
      const base = path.join(host.paths.baseDir, DATA);
      if (other === "new") await writeFile(base, "new");
      assert.deepEqual(await recoverInterrupted(await host.open()), []);
      assert.deepEqual(await basesOf(host), [DATA, SYSTEM]);
      if (other === "new") assert.equal(await readFile(base, "utf8"), "new");
      else assert.match(await readFile(record, "utf8"), /^sha256=/);
      if (other === "none") await host[Symbol.asyncDispose]();
    }
  });
});
