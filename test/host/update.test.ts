import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { createVm } from "../../src/host/create/create.ts";
import { acceptVm } from "../../src/host/update/accept.ts";
import { prepareUpdate, updateVm } from "../../src/host/update/update.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import {
  addVersion,
  editDomain,
  firstDisks,
  instanceOf,
  openUpdateFixture,
  updateRequest,
  updateTools,
  type Version,
} from "../fixtures/appliance-versions.ts";
import { type HostFixture, openHostFixture, request } from "../fixtures/memory-host.ts";

const MIB = 1024 * 1024;

describe("update", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openUpdateFixture();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const { disk, names, update, rollback, refusal } = updateTools(() => host);
  /** Another host whose next version is as told. */
  const reopen = async (next: Partial<Version>): Promise<void> => {
    await host[Symbol.asyncDispose]();
    host = await openUpdateFixture(next);
  };
  it("gives the VM a new overlay and scratch disk, and leaves its data", async () => {
    await writeFile(disk("vm1-data.raw"), Buffer.alloc(4 * MIB, "precious "));
    const before = parseDomain(await host.libvirt.dumpXml("vm1"));
    assert.deepEqual(await update(), []);
    const after = parseDomain(await host.libvirt.dumpXml("vm1"));
    assert.equal(after.uuid, before.uuid);
    assert.deepEqual(after.interfaces, before.interfaces);
    const { stdout } = await testContext().run("qemu-img", [
      "info",
      disk("vm1-1.1-1-system.qcow2"),
    ]);
    assert.match(stdout, /backing file: .*web-appliance-1.1-1-system.qcow2/);
    assert.match((await readFile(disk("vm1-data.raw"), "utf8")).slice(0, 9), /precious /);
  });

  it("records what it was and what it is", async () => {
    const before = await instanceOf(host);
    await update();
    const { current, previous, ...rest } = await instanceOf(host);
    const { current: first, previous: nothing, ...restBefore } = before;
    assert.deepEqual(rest, restBefore);
    assert.equal(nothing, undefined);
    assert.equal(`${current.version}-${current.release}`, "1.1-1");
    assert.equal(current.definition, undefined);
    const file = previous?.definition;
    assert.ok(file !== undefined);
    assert.deepEqual(previous, { ...first, definition: file });
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await stat(path.dirname(file))).mode & 0o777, 0o700);
  });

  it("updates to the newest version or the given one, and does nothing without a newer one", async () => {
    await addVersion(host, { version: "1.10" });
    await addVersion(host, { version: "1.9" });
    for (const [to, expected] of [
      [undefined, "1.10-1"],
      ["1.9", "1.9-1"],
      ["1.1-1", "1.1-1"],
    ] as const) {
      const prepared = await prepareUpdate(await host.open(), "vm1", updateRequest({ to }));
      assert.equal(prepared?.operation.to, expected);
    }
    await update();
    await acceptVm(await host.open(), "vm1");
    const done = await updateVm(await host.open(), "vm1", updateRequest());
    assert.equal(done, undefined);
    await assert.rejects(updateVm(await host.open(), "vm1", updateRequest({ to: "7" })), {
      code: "HOST_UNKNOWN_APPLIANCE",
    });
    assert.match(await refusal({ to: "1.10" }), /it already runs 1.10-1/);
  });

  it("installs an older version if it is given, with a note", async () => {
    await update();
    await acceptVm(await host.open(), "vm1");
    assert.match((await update({ to: "1.0" })).join("\n"), /version: older/);
    assert.equal((await instanceOf(host)).current.version, "1.0");
  });

  it("adds new data disks, applies grown sizes, keeps data that the version does not name", async () => {
    await reopen({
      disks: [
        { id: "system", role: "system", sizeMiB: 6, format: "qcow2" },
        { id: "mail", role: "data", sizeMiB: 2, format: "raw" },
        { id: "logs", role: "data", sizeMiB: 16 },
      ],
    });
    const notes = (await update({ disks: { mail: "none", logs: "none" } })).join("\n");
    assert.match(notes, /disk mail: the VM does not have it; adds a new one/);
    assert.match(notes, /disk data: not in this version; kept at vdb/);
    assert.match(notes, /disk scratch: not in this version/);
    const domain = parseDomain(await host.libvirt.dumpXml("vm1"));
    assert.deepEqual(
      domain.disks.map(({ source, target, bus }) => [path.basename(source ?? ""), target, bus]),
      [
        ["vm1-1.1-1-system.qcow2", "vda", "virtio"],
        ["vm1-data.raw", "vdb", "virtio"],
        ["vm1-1.1-1-mail.raw", "vdc", "virtio"],
        ["vm1-1.1-1-logs.qcow2", "vdd", "virtio"],
      ],
    );
    const { current } = await instanceOf(host);
    assert.deepEqual(
      current.disks.map(({ id, target }) => [id, target]),
      [
        ["system", "vda"],
        ["mail", "vdc"],
        ["logs", "vdd"],
        ["data", "vdb"],
      ],
    );
    assert.equal((await stat(disk("vm1-1.1-1-mail.raw"))).size, 2 * MIB);
  });

  it("grows data disks that are larger in the new version, and never makes one smaller", async () => {
    const before = await readFile(disk("vm1-data.raw"));
    const sized = (sizeMiB: number): Partial<Version> => ({
      disks: firstDisks.map((each) => (each.id === "data" ? { ...each, sizeMiB } : each)),
    });
    await reopen(sized(12));
    assert.match((await update()).join("\n"), /disk data: grows from 4\.0 MiB to 12\.0 MiB/);
    const grown = await readFile(disk("vm1-data.raw"));
    assert.equal(grown.length, 12 * MIB);
    assert.deepEqual(grown.subarray(0, before.length), before);
    await reopen(sized(2));
    assert.deepEqual(await update(), []);
    assert.equal((await stat(disk("vm1-data.raw"))).size, 4 * MIB);
  });

  it("makes system and scratch disks no smaller than the administrator had made them", async () => {
    const sizes = { "vm1-system.qcow2": 32, "vm1-scratch.qcow2": 64 };
    for (const [name, size] of Object.entries(sizes))
      await testContext().run("qemu-img", ["resize", "-q", disk(name), `${size}M`]);
    await update();
    for (const [name, size] of Object.entries(sizes)) {
      const file = disk(name.replace("vm1-", "vm1-1.1-1-"));
      const { stdout } = await testContext().run("qemu-img", ["info", "--output=json", file]);
      assert.match(stdout, new RegExp(`"virtual-size": ${size * MIB}`));
    }
  });

  it("is done once when it is asked for twice at the same time", async () => {
    const both = await Promise.all(
      [1, 2].map(async () => updateVm(await host.open(), "vm1", updateRequest())),
    );
    assert.deepEqual(
      both.map((done) => done?.operation.to).sort((a, b) => String(a).localeCompare(String(b))),
      ["1.1-1", undefined],
    );
  });

  it("shuts a running VM down and starts it again only when asked to", async () => {
    await host.libvirt.startDomain("vm1");
    assert.match(await refusal(), /it is running; shut it down, or use --stop/);
    await update({ stopSeconds: 1 });
    assert.deepEqual(await host.libvirt.listDomains(), [{ name: "vm1", isActive: true }]);
    await acceptVm(await host.open(), "vm1");
    await addVersion(host, { version: "1.2" });
    await update({ stopSeconds: 1, start: "no" });
    assert.deepEqual(await host.libvirt.listDomains(), [{ name: "vm1", isActive: false }]);
  });

  it("leaves a VM running that does not shut down", async () => {
    await host.libvirt.startDomain("vm1");
    const before = await host.files();
    const opened = await host.open();
    const ignoring = { ...opened.libvirt, shutdownDomain: async (): Promise<void> => {} };
    await assert.rejects(
      updateVm({ ...opened, libvirt: ignoring }, "vm1", updateRequest({ stopSeconds: 0.1 })),
      { code: "HOST_STILL_RUNNING" },
    );
    assert.deepEqual(await host.libvirt.listDomains(), [{ name: "vm1", isActive: true }]);
    assert.deepEqual(await host.files(), before);
  });

  it("leaves data where the administrator moved them", async () => {
    await editDomain(host, (xml) => xml.replace("vm1-data.raw", "moved.raw"));
    assert.match((await update()).join("\n"), /disk data: the domain has .*moved.raw instead/);
    assert.match(await host.libvirt.dumpXml("vm1"), /moved.raw/);
  });

  it("keeps full copies copies, as large as they were", async () => {
    await host[Symbol.asyncDispose]();
    host = await openHostFixture();
    await addVersion(host);
    await createVm(await host.open(), request({ start: false, system: "copy" }));
    await testContext().run("qemu-img", ["resize", "-q", disk("vm1-system.qcow2"), "32M"]);
    await addVersion(host, { version: "1.1" });
    await update();
    const file = disk("vm1-1.1-1-system.qcow2");
    const { stdout } = await testContext().run("qemu-img", ["info", "--output=json", file]);
    assert.match(stdout, new RegExp(`"virtual-size": ${32 * MIB}`));
    assert.doesNotMatch(stdout, /backing/);
  });

  it("follows the version from firmware to a kernel of its own, and back", async () => {
    await reopen({
      os: "<kernel>kernel</kernel><initrd>initrd</initrd><cmdline>root=/dev/vda</cmdline>",
    });
    await update();
    assert.equal(await readFile(disk("vm1-1.1-1-initrd"), "utf8"), "initrd of 1.1-1");
    await rollback();
    assert.deepEqual(await names(), ["vm1-data.raw", "vm1-scratch.qcow2", "vm1-system.qcow2"]);
  });
});
