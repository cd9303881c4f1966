import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { ApplianceError } from "../../src/errors.ts";
import { growVm } from "../../src/host/grow/grow.ts";
import type { GrowRequest } from "../../src/host/grow/plan-grow.ts";
import { readDiskFacts } from "../../src/image/index.ts";
import type { HostFixture } from "../fixtures/memory-host.ts";
import { openUpdateFixture, updateTools } from "../fixtures/appliance-versions.ts";

const MIB = 1024 * 1024;

describe("grow", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openUpdateFixture();
  });
  afterEach(() => host[Symbol.asyncDispose]());
  const { disk, update } = updateTools(() => host);

  const grow = async (name: string, request: GrowRequest): Promise<readonly number[]> => {
    const done = await growVm(await host.open(), "vm1", { disk: name, request });
    return [done.fromBytes, done.toBytes];
  };
  const refusal = async (name: string, request: GrowRequest): Promise<string> => {
    const error = await grow(name, request).catch((caught: unknown) => caught);
    assert.ok(error instanceof ApplianceError && error.code === "HOST_REFUSED", String(error));
    return [error.message, ...error.details].join("\n");
  };

  it("makes disks of every role larger, by name or device", async () => {
    assert.deepEqual(await grow("data", { byBytes: 2 * MIB }), [4 * MIB, 6 * MIB]);
    assert.equal((await stat(disk("vm1-data.raw"))).size, 6 * MIB);
    assert.deepEqual(await grow("vdb", { toBytes: 8 * MIB + 1 }), [6 * MIB, 8 * MIB + 512]);
    for (const [name, file] of [
      ["system", "vm1-system.qcow2"],
      ["scratch", "vm1-scratch.qcow2"],
    ] as const) {
      await grow(name, { toBytes: 64 * MIB });
      assert.equal((await readDiskFacts(disk(file), "qcow2")).virtualSizeBytes, 64 * MIB);
    }
  });

  it("does it through libvirt while the VM runs", async () => {
    await host.libvirt.startDomain("vm1");
    const asked: unknown[] = [];
    const opened = await host.open();
    const libvirt = {
      ...opened.libvirt,
      resizeDisk: async (...all: unknown[]): Promise<void> => void asked.push(all),
    };
    await growVm({ ...opened, libvirt }, "vm1", { disk: "data", request: { toBytes: 8 * MIB } });
    assert.deepEqual(asked, [["vm1", "vdb", 8 * MIB]]);
    assert.equal((await stat(disk("vm1-data.raw"))).size, 4 * MIB);
  });

  it("keeps the size over an update", async () => {
    await grow("system", { toBytes: 64 * MIB });
    await update();
    const { virtualSizeBytes } = await readDiskFacts(disk("vm1-1.1-1-system.qcow2"), "qcow2");
    assert.equal(virtualSizeBytes, 64 * MIB);
  });

  it("never makes a disk smaller; the same size is fine", async () => {
    assert.match(
      await refusal("data", { toBytes: MIB }),
      /cannot shrink from 4\.0 MiB to 1\.0 MiB/,
    );
    assert.deepEqual(await grow("data", { toBytes: 4 * MIB }), [4 * MIB, 4 * MIB]);
  });

  it("names the disks when there is none of that name", async () => {
    assert.match(
      await refusal("mail", { byBytes: MIB }),
      /no disk mail[^]*disk data: data, at vdb/,
    );
  });
});
