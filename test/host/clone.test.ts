import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import path from "node:path";
import type { ApplianceError } from "../../src/errors.ts";
import { adoptDomain } from "../../src/host/adopt/adopt.ts";
import { destroyVm } from "../../src/host/destroy/destroy.ts";
import { exportVm } from "../../src/host/export/export.ts";
import { growVm } from "../../src/host/grow/grow.ts";
import type { LocalHost } from "../../src/host/access/local-host.ts";
import { prepareGc } from "../../src/host/gc/gc.ts";
import { listVms } from "../../src/host/show/list-vms.ts";
import { showVm } from "../../src/host/show/show-vm.ts";
import { acceptVm } from "../../src/host/update/accept.ts";
import { updateVm } from "../../src/host/update/update.ts";
import { rollbackVm } from "../../src/host/update/rollback.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import type { HostFixture } from "../fixtures/memory-host.ts";
import { openLater, recordBases, reasonsFor, removePackage, WEEK } from "../fixtures/host-bases.ts";
import {
  cloneVm,
  instanceOf,
  openUpdateFixture,
  updateRequest,
} from "../fixtures/appliance-versions.ts";

describe("a clone that virt-clone made of a VM", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openUpdateFixture();
    await updateVm(await host.open(), "vm1", updateRequest());
    await cloneVm(host, "vm1", "vm2");
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const start = "as-before" as const;
  const commands: Record<string, (opened: LocalHost) => Promise<unknown>> = {
    accept: (opened) => acceptVm(opened, "vm2"),
    rollback: (opened) => rollbackVm(opened, "vm2", { stopSeconds: undefined, start }),
    update: (opened) => updateVm(opened, "vm2", updateRequest()),
    destroy: (opened) => destroyVm(opened, "vm2", { data: "remove", running: "refuse" }),
    grow: (opened) =>
      growVm(opened, "vm2", { disk: "data", request: { toBytes: 16 * 1024 * 1024 } }),
    export: (opened) =>
      exportVm(opened, "vm2", {
        folder: path.join(host.paths.root, "out"),
        name: undefined,
        running: "refuse",
        stopSeconds: 1,
        start: false,
      }),
    "show-vm": (opened) => showVm(opened, "vm2"),
  };
  for (const [command, run] of Object.entries(commands))
    it(`is refused by ${command}, and no file of the original is touched`, async () => {
      const before = await host.files();
      await assert.rejects(run(await host.open()), {
        code: "HOST_METADATA_FOREIGN",
        message: /^vm2: carries the metadata of another VM \(clone\?\)/,
        hint: /virt-appliance adopt vm2/,
      });
      assert.deepEqual(await host.files(), before);
    });

  it("stands in the way of nothing that is done to the original", async () => {
    await acceptVm(await host.open(), "vm1");
    const { kept } = await destroyVm(await host.open(), "vm1", { data: "keep", running: "refuse" });
    assert.deepEqual(
      kept.map((file) => path.basename(file)),
      ["vm1-data.raw"],
    );
  });

  it("is a VM of its own once it is adopted, and its end is its own", async () => {
    const disks = { data: "vdb", scratch: "vdc" };
    await adoptDomain(await host.open(), "vm2", { disks, boot: undefined });
    const { current, previous } = await instanceOf(host, "vm2");
    const { disks: own } = parseDomain(await host.libvirt.dumpXml("vm2"));
    assert.deepEqual(
      current.disks.map((disk) => disk.path),
      own.map(({ source }) => source),
    );
    assert.equal(previous, undefined);
    await destroyVm(await host.open(), "vm2", { data: "remove", running: "refuse" });
    const files = [...(await host.files()).keys()].map((file) => path.basename(file));
    assert.deepEqual(
      files.filter((file) => file.startsWith("vm2")),
      [],
    );
    await rollbackVm(await host.open(), "vm1", { stopSeconds: undefined, start });
  });

  it("is adopted too when its disks were copied whole, each of them pointed out", async () => {
    const { disks } = parseDomain(await host.libvirt.dumpXml("vm2"));
    const [system = ""] = disks.flatMap(({ source }) => source ?? []);
    const whole = `${system}.whole`;
    await testContext().run("qemu-img", ["convert", "-O", "qcow2", system, whole]);
    await rename(whole, system);
    const given = { data: "vdb", scratch: "vdc" };
    const adopt = async (wanted: Record<string, string>): Promise<unknown> =>
      adoptDomain(await host.open(), "vm2", { disks: wanted, boot: undefined });
    await assert.rejects(adopt(given), (error: ApplianceError) =>
      /^disk system of the appliance: .*--disk system=TARGET$/.test(error.details.join("\n")),
    );
    await adopt({ ...given, system: "vda" });
    const { current } = await instanceOf(host, "vm2");
    assert.equal(current.version, "1.1");
    assert.deepEqual(current.disks.map(({ id, kind }) => `${id} ${kind}`).sort(), [
      "data copy",
      "scratch empty",
      "system copy",
    ]);
    await destroyVm(await host.open(), "vm2", { data: "remove", running: "refuse" });
    await rollbackVm(await host.open(), "vm1", { stopSeconds: undefined, start });
  });

  it("is told of by vms, and keeps every base that it or its metadata names", async () => {
    const { vms, problems } = await listVms(await host.open());
    assert.deepEqual(
      vms.map(({ vm }) => vm),
      ["vm1"],
    );
    assert.match(problems.join("\n"), /vm2: carries the metadata of another VM/);
    await recordBases(host);
    for (const version of ["1.0", "1.1"]) await removePackage(host, version);
    await host.libvirt.undefineDomain("vm1", { state: "keep" });
    const plan = await prepareGc(await openLater(host), WEEK);
    for (const version of ["1.0", "1.1"])
      assert.match(
        reasonsFor(plan, `web-appliance-${version}-1-system.qcow2`).join("\n"),
        /domain vm2/,
      );
  });
});
