import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { acceptVm } from "../../src/host/update/accept.ts";
import { rollbackVm } from "../../src/host/update/rollback.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import type { HostFixture } from "../fixtures/memory-host.ts";
import {
  editDomain,
  firstDisks,
  instanceOf,
  openUpdateFixture,
  updateTools,
  type Version,
} from "../fixtures/appliance-versions.ts";

const MIB = 1024 * 1024;

describe("after an update", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openUpdateFixture();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const { disk, names, update, rollback, drawOn } = updateTools(() => host);
  /** Another host whose next version is as told. */
  const reopen = async (next: Partial<Version>): Promise<void> => {
    await host[Symbol.asyncDispose]();
    host = await openUpdateFixture(next);
  };

  describe("rollback", () => {
    it("gives the VM what it had, byte for byte, and removes what the update made", async () => {
      await drawOn(disk("vm1-system.qcow2"), 1);
      const files = await host.files();
      const xml = await host.libvirt.dumpXml("vm1");
      await update();
      await drawOn(disk("vm1-1.1-1-system.qcow2"), 2);
      assert.deepEqual(await rollback(), []);
      assert.deepEqual(await host.files(), files);
      assert.equal(await host.libvirt.dumpXml("vm1"), xml);
    });

    it("keeps data and what the administrator changed since the update", async () => {
      await update();
      await writeFile(disk("vm1-data.raw"), Buffer.alloc(4 * MIB, "newer "));
      await editDomain(host, (xml) => xml.replace(">2</vcpu>", ">7</vcpu>"));
      await rollback();
      assert.equal(parseDomain(await host.libvirt.dumpXml("vm1")).vcpu, 7);
      assert.match((await readFile(disk("vm1-data.raw"), "utf8")).slice(0, 6), /newer /);
    });

    it("keeps data disks that came with the update, and gives back disks that it took out", async () => {
      await reopen({
        disks: [
          ...firstDisks.filter(({ id }) => id !== "scratch"),
          { id: "logs", role: "data", sizeMiB: 16 },
          { id: "cache", role: "scratch", sizeMiB: 16 },
        ],
      });
      await update();
      assert.match((await rollback()).join("\n"), /disk logs: added by 1.1-1; kept/);
      const { disks } = parseDomain(await host.libvirt.dumpXml("vm1"));
      assert.deepEqual(disks.map(({ source }) => path.basename(source ?? "")).sort(), [
        "vm1-1.1-1-logs.qcow2",
        "vm1-data.raw",
        "vm1-scratch.qcow2",
        "vm1-system.qcow2",
      ]);
      const { current, previous } = await instanceOf(host);
      assert.equal(previous, undefined);
      assert.equal(current.version, "1.0");
      const byId = new Map(disks.map((each) => [each.target, each.source]));
      for (const each of current.disks) assert.equal(byId.get(each.target), each.path, each.id);
      assert.deepEqual(await names(), [
        "vm1-1.1-1-logs.qcow2",
        "vm1-data.raw",
        "vm1-scratch.qcow2",
        "vm1-system.qcow2",
      ]);
      // The next update finds the disk and leaves it.
      await update();
      assert.equal((await instanceOf(host)).current.disks.length, 4);
    });

    for (const when of ["before", "after"])
      it(`leaves a data disk where the administrator moved it ${when} the update`, async () => {
        const moved = path.join(host.paths.root, "big", "data.raw");
        const move = async (): Promise<void> => {
          await mkdir(path.dirname(moved));
          await rename(disk("vm1-data.raw"), moved);
          await editDomain(host, (xml) => xml.replace(`"${disk("vm1-data.raw")}"`, `"${moved}"`));
        };
        if (when === "before") await move();
        await update();
        if (when === "after") await move();
        assert.deepEqual(await rollback(), [
          `disk data: the domain has ${moved} instead, which is kept`,
        ]);
        const { disks } = parseDomain(await host.libvirt.dumpXml("vm1"));
        assert.deepEqual(
          disks.map(({ source }) => source),
          [disk("vm1-system.qcow2"), moved, disk("vm1-scratch.qcow2")],
        );
        assert.equal((await readFile(moved)).length, 4 * MIB);
        assert.equal((await instanceOf(host)).current.version, "1.0");
      });

    it("is refused when a data disk is gone that the domain still names", async () => {
      await update();
      await rm(disk("vm1-data.raw"));
      const request = { stopSeconds: undefined, start: "as-before" } as const;
      const open = await host.open();
      await assert.rejects(rollbackVm(open, "vm1", request), (error: ApplianceError) =>
        /vm1-data.raw is missing/.test(error.details.join("\n")),
      );
    });

    it("is refused without an update, and when what it needs is gone, with all reasons", async () => {
      const open = await host.open();
      const request = { stopSeconds: undefined, start: "as-before" } as const;
      await assert.rejects(rollbackVm(open, "vm1", request), /no pending update, it runs 1.0-1/);
      await update();
      await rm(disk("vm1-system.qcow2"));
      await rm(path.join(host.paths.baseDir, "web-appliance-1.0-1-system.qcow2"));
      await rm((await instanceOf(host)).previous?.definition ?? "");
      await host.libvirt.startDomain("vm1");
      const error = await rollbackVm(open, "vm1", request).catch((caught: unknown) => caught);
      assert.ok(error instanceof ApplianceError);
      const reasons = error.details.join("\n");
      for (const reason of [
        /it is running/,
        /disk system: .*vm1-system.qcow2 is missing/,
        /its previous definition is missing/,
        /base .*web-appliance-1.0-1-system.qcow2 is missing/,
      ])
        assert.match(reasons, reason);
    });

    it("is possible when the disk of the update is lost", async () => {
      await update();
      await rm(disk("vm1-1.1-1-system.qcow2"));
      await rollback();
      assert.equal((await instanceOf(host)).current.version, "1.0");
    });
  });

  describe("accept", () => {
    it("says what was written to the disks of before, and removes them; the VM may run", async () => {
      await drawOn(disk("vm1-system.qcow2"), 2);
      await update({ start: "yes" });
      const { removed } = await acceptVm(await host.open(), "vm1");
      const system = removed.find((file) => file.disk === "system");
      assert.ok((system?.allocatedBytes ?? 0) >= 2 * MIB);
      assert.deepEqual(removed.map((file) => path.basename(file.path)).sort(), [
        "vm1-scratch.qcow2",
        "vm1-system.qcow2",
      ]);
      assert.deepEqual(await names(), [
        "vm1-1.1-1-scratch.qcow2",
        "vm1-1.1-1-system.qcow2",
        "vm1-data.raw",
      ]);
      assert.deepEqual(await readdir(path.join(host.paths.stateDir, "definitions")), []);
      const { current, previous } = await instanceOf(host);
      assert.deepEqual([current.version, previous], ["1.1", undefined]);
    });

    it("is refused without an update, and while another domain uses a disk of before", async () => {
      await assert.rejects(acceptVm(await host.open(), "vm1"), /no pending update/);
      await update();
      const other = (await host.libvirt.dumpXml("vm1"))
        .replace("<name>vm1<", "<name>thief<")
        .replace(/<metadata>[^]*<\/metadata>/, "")
        .replace(/<uuid>[^<]*/, "<uuid>00000000-0000-4000-8000-000000000000")
        .replace("vm1-1.1-1-system.qcow2", "vm1-system.qcow2");
      await host.libvirt.defineDomain(other);
      await assert.rejects(acceptVm(await host.open(), "vm1"), (error: ApplianceError) =>
        /vm1-system.qcow2: thief uses it too/.test(error.details.join("\n")),
      );
    });
  });
});
