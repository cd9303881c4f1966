import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { createVm } from "../../src/host/create/create.ts";
import { acceptVm } from "../../src/host/update/accept.ts";
import { prepareUpdate } from "../../src/host/update/update.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import { type HostFixture, openHostFixture, request } from "../fixtures/memory-host.ts";
import {
  addVersion,
  instanceOf,
  updateRequest,
  updateTools,
  type VersionDisk,
} from "../fixtures/appliance-versions.ts";

const MIB = 1024 * 1024;

const shipped = (id: string, role: VersionDisk["role"], target?: string | null): VersionDisk => ({
  id,
  role,
  sizeMiB: 4,
  format: id.endsWith("raw") ? "raw" : "qcow2",
  ...(target === undefined ? {} : { target }),
});

const byFile = [shipped("root.raw", "system"), shipped("data.raw", "data")];

describe("update to a version that calls its disks otherwise", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openHostFixture();
    await addVersion(host, { disks: byFile });
    await createVm(await host.open(), request({ start: false }));
    await writeFile(disk("vm1-data.raw"), Buffer.alloc(4 * MIB, "precious "));
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const { disk, names, update, rollback, refusal } = updateTools(() => host);
  const devices = async (): Promise<readonly string[]> =>
    parseDomain(await host.libvirt.dumpXml("vm1")).disks.map(
      ({ source, target }) => `${target} ${path.basename(source ?? "")}`,
    );
  const next = (version: string, disks: readonly VersionDisk[]): Promise<void> =>
    addVersion(host, { version, disks });
  const expectData = async (): Promise<void> =>
    assert.match((await readFile(disk("vm1-data.raw"), "utf8")).slice(0, 9), /precious /);

  it("keeps the data disk when it is shipped in another format, and goes back and on", async () => {
    const before = await host.libvirt.dumpXml("vm1");
    await next("1.1", [shipped("root.qcow2", "system"), shipped("data.qcow2", "data")]);
    assert.deepEqual(await update(), [
      "disk root.qcow2: it is the VM's disk root.raw at vda, with the same name except for the extension",
      "disk data.qcow2: it is the VM's disk data.raw at vdb, with the same name except for the extension",
    ]);
    assert.deepEqual(await devices(), ["vda vm1-1.1-1-root.qcow2", "vdb vm1-data.raw"]);
    const { current } = await instanceOf(host);
    assert.deepEqual(
      current.disks.map(({ id, path: file, format }) => [id, path.basename(file), format]),
      [
        ["root.qcow2", "vm1-1.1-1-root.qcow2", "qcow2"],
        ["data.qcow2", "vm1-data.raw", "raw"],
      ],
    );
    await expectData();
    assert.deepEqual(await rollback(), []);
    assert.equal(await host.libvirt.dumpXml("vm1"), before);
    assert.deepEqual(await names(), ["vm1-data.raw", "vm1-root.qcow2"]);
    await expectData();
    await update();
    await acceptVm(await host.open(), "vm1");
    assert.deepEqual(await names(), ["vm1-1.1-1-root.qcow2", "vm1-data.raw"]);
    await expectData();
    // From now on the id is the same.
    await next("1.2", [shipped("root.qcow2", "system"), shipped("data.qcow2", "data")]);
    assert.deepEqual(await update(), []);
  });

  it("keeps it when it has another name at the same device, and goes back", async () => {
    await next("1.1", [shipped("system", "system"), shipped("files", "data")]);
    const notes = (await update()).join("\n");
    assert.match(notes, /disk system: it is the VM's disk root.raw at vda, with the same role and/);
    assert.match(notes, /disk files: it is the VM's disk data.raw at vdb, with the same role and/);
    assert.deepEqual(await devices(), ["vda vm1-1.1-1-system.qcow2", "vdb vm1-data.raw"]);
    await rollback();
    assert.deepEqual(await devices(), ["vda vm1-root.qcow2", "vdb vm1-data.raw"]);
    assert.deepEqual(
      (await instanceOf(host)).current.disks.map(({ id }) => id),
      ["root.raw", "data.raw"],
    );
    await expectData();
  });

  it("rolls back although the data disk was moved meanwhile", async () => {
    await next("1.1", [shipped("system", "system"), shipped("files", "data")]);
    await update();
    const xml = await host.libvirt.dumpXml("vm1");
    const moved = disk("elsewhere.raw");
    await writeFile(moved, await readFile(disk("vm1-data.raw")));
    await host.libvirt.defineDomain(
      xml.replace(`<source file="${disk("vm1-data.raw")}"`, `<source file="${moved}"`),
    );
    assert.match((await rollback()).join("\n"), /elsewhere.raw instead, which is kept/);
    assert.deepEqual(await devices(), ["vda vm1-root.qcow2", "vdb elsewhere.raw"]);
  });

  it("adds a disk beside one with another name", async () => {
    await next("1.1", [
      shipped("system", "system"),
      shipped("data.qcow2", "data"),
      shipped("logs", "data"),
    ]);
    await update();
    assert.deepEqual(await devices(), [
      "vda vm1-1.1-1-system.qcow2",
      "vdb vm1-data.raw",
      "vdc vm1-1.1-1-logs.qcow2",
    ]);
    assert.deepEqual(await rollback(), ["disk logs: added by 1.1-1; kept, like all data"]);
    assert.equal((await instanceOf(host)).current.disks.length, 3);
  });

  it("keeps the data of a version that has none", async () => {
    await next("1.1", [shipped("system", "system")]);
    assert.match((await update()).join("\n"), /disk data.raw: not in this version; kept/);
    assert.deepEqual(await devices(), ["vda vm1-1.1-1-system.qcow2", "vdb vm1-data.raw"]);
    await rollback();
    assert.deepEqual(await devices(), ["vda vm1-root.qcow2", "vdb vm1-data.raw"]);
  });

  it("an ambiguous match is refused, and made with --disk", async () => {
    await next("1.1", [shipped("system", "system"), shipped("files", "data", "vdc")]);
    assert.match(
      await refusal(),
      /^disk files: may be vdb .* with --disk files=vdb or --disk files=none/,
    );
    await update({ disks: { files: "vdb" } });
    assert.deepEqual(await devices(), ["vda vm1-1.1-1-system.qcow2", "vdb vm1-data.raw"]);
    await rollback();
    await update({ disks: { files: "none" } });
    assert.deepEqual(await devices(), [
      "vda vm1-1.1-1-system.qcow2",
      "vdb vm1-data.raw",
      "vdc vm1-1.1-1-files.qcow2",
    ]);
    await expectData();
  });

  it("is refused when data would be thrown away, with every reason", async () => {
    await next("1.1", [
      shipped("data.qcow2", "system", "vda"),
      shipped("root.qcow2", "data", "vdb"),
      shipped("x", "data", "vdc"),
    ]);
    const reasons = await refusal();
    assert.match(reasons, /^disk data.qcow2: may be vdb .* or vda .* of the VM, or a new system/m);
    assert.match(reasons, /^disk root.qcow2: may be vda .* or vdb .* of the VM, or a new data/m);
    assert.match(reasons, /^disk x: may be vdb/m);
    await expectData();
    await next("1.2", [shipped("root.qcow2", "system"), shipped("data.qcow2", "scratch")]);
    assert.match(
      await refusal(),
      /^disk data.raw: has role scratch in this version, had role data$/m,
    );
  });

  it("shows beforehand which disk is which", async () => {
    await next("1.1", [shipped("root.raw", "system"), shipped("data.qcow2", "data")]);
    const prepared = await prepareUpdate(await host.open(), "vm1", updateRequest());
    assert.deepEqual(
      prepared?.operation.disks.map(({ id, old, by }) => [id, old?.id, by]),
      [
        ["root.raw", "root.raw", "id"],
        ["data.qcow2", "data.raw", "name"],
      ],
    );
  });
});
