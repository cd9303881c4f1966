import assert from "node:assert/strict";
import { appendFile, chmod, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { planUpdate } from "../../src/host/update/plan-update.ts";
import { prepareUpdate, updateVm } from "../../src/host/update/update.ts";
import { testContext } from "../support/context.ts";
import type { HostFixture } from "../fixtures/memory-host.ts";
import {
  addVersion,
  editDomain,
  firstDisks,
  openUpdateFixture,
  updateTools,
  updateRequest,
} from "../fixtures/appliance-versions.ts";

const MIB = 1024 * 1024;

describe("what stands in the way of an update", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openUpdateFixture();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const { disk, update, refusal } = updateTools(() => host);

  it("names every reason at once, and changes nothing", async () => {
    await host[Symbol.asyncDispose]();
    host = await openUpdateFixture({
      domain: "<va:firmware>uefi</va:firmware>",
      disks: firstDisks.map((each) => (each.id === "data" ? { ...each, role: "scratch" } : each)),
    });
    const facts = {
      isActive: true,
      state: "running",
      autostart: false,
      hasManagedSave: true,
      snapshots: ["one"],
      blockJobs: ["vda"],
    };
    const opened = await host.open();
    const libvirt = { ...opened.libvirt, domainFacts: async () => facts };
    await testContext().run("qemu-img", ["snapshot", "-c", "inside", disk("vm1-system.qcow2")]);
    await writeFile(disk("vm1-1.1-1-system.qcow2"), "somebody else's");
    await chmod(path.join(host.paths.baseDir, "web-appliance-1.1-1-system.qcow2"), 0o644);
    await appendFile(path.join(host.paths.baseDir, "web-appliance-1.1-1-system.qcow2"), "x");
    await rm(path.join(host.paths.baseDir, "web-appliance-1.0-1-system.qcow2"));
    await rm(disk("vm1-scratch.qcow2"));
    const verify = { check: { kind: "console", pattern: "x" }, timeoutSeconds: 1 } as const;
    await editDomain(host, (xml) => xml.replace(/<log [^>]*>/, ""));
    const error = await updateVm({ ...opened, libvirt }, "vm1", updateRequest({ verify })).catch(
      (caught: unknown) => caught,
    );
    assert.ok(error instanceof ApplianceError, String(error));
    const reasons = error.details.join("\n");
    for (const reason of [
      /it is running; shut it down, or use --stop/,
      /it has a saved state/,
      /it has snapshots: one/,
      /a block job is active on vda/,
      /disk system: .*vm1-system.qcow2 has 1 internal snapshot/,
      /disk scratch: .*vm1-scratch.qcow2 is missing/,
      /firmware: this version needs uefi, the VM has bios/,
      /disk data: has role scratch in this version, had role data/,
      /web-appliance-1.1-1-system.qcow2 was changed/,
      /web-appliance-1.0-1-system.qcow2 is missing/,
      /vm1-1.1-1-system.qcow2: the file exists/,
      /its console is not logged/,
    ])
      assert.match(reasons, reason);
  });

  it("refuses when the whole plan does not fit", async () => {
    const state = await prepareUpdate(await host.open(), "vm1", updateRequest());
    assert.ok(state !== undefined);
    const folders = new Map(
      [...state.state.folders].map(([folder, facts]) => [folder, { ...facts, freeBytes: MIB }]),
    );
    assert.throws(
      () => planUpdate({ ...state.state, folders }, updateRequest(), host.paths),
      (error: ApplianceError) =>
        /1\.0 MiB are free, the new disks need 2\.0 MiB/.test(error.details.join()),
    );
  });

  for (const [state, todo] of [
    ["paused", "resume it with virsh resume vm1"],
    ["pmsuspended", "resume it with virsh dompmwakeup vm1"],
    ["crashed", "stop it with virsh destroy vm1"],
  ] as const) {
    it(`refuses to shut down a VM that is ${state}, because it cannot react`, async () => {
      await host.libvirt.startDomain("vm1");
      const opened = await host.open();
      const facts = { ...(await opened.libvirt.domainFacts("vm1")), state };
      const libvirt = { ...opened.libvirt, domainFacts: async () => facts };
      const reason = `it is ${state}; ${todo}`;
      await assert.rejects(
        updateVm({ ...opened, libvirt }, "vm1", updateRequest({ stopSeconds: 5 })),
        (error: ApplianceError) => error.details.join() === reason,
      );
    });
  }

  it("refuses a second update before the first is accepted or rolled back", async () => {
    await update();
    await addVersion(host, { version: "1.2" });
    assert.match(await refusal(), /its update to 1.1-1 is pending/);
  });

  it("refuses when the domain's disks are others than were left", async () => {
    await editDomain(host, (xml) => xml.replace("vm1-system.qcow2", "other.qcow2"));
    assert.match(await refusal(), /disk system: the domain has .*other.qcow2 at vda, expected/);
  });

  it("refuses a console check if the log has output of earlier runs", async () => {
    await editDomain(host, (xml) => xml.replace('append="off"', 'append="on"'));
    const verify = { check: { kind: "console", pattern: "x" }, timeoutSeconds: 1 } as const;
    assert.match(await refusal({ verify }), /its console is not logged/);
  });

  const agent = { verify: { check: { kind: "agent" }, timeoutSeconds: 1 } } as const;
  const port = (host: string | undefined) =>
    ({ verify: { check: { kind: "tcp", host, port: 443 }, timeoutSeconds: 1 } }) as const;

  it("refuses a check that could never pass", async () => {
    assert.match(await refusal(agent), /it has no guest agent channel/);
    await editDomain(host, (xml) =>
      xml
        .replace('<interface type="network">', '<interface type="user">')
        .replace(/<source network="[^"]*"\/>/, ""),
    );
    const reasons = await refusal(port(undefined));
    assert.match(reasons, /tcp:443: its network has type user, which the host cannot reach; for/);
    await editDomain(host, (xml) => xml.replace(/<interface[^]*<\/interface>/, ""));
    assert.match(await refusal(port(undefined)), /tcp:443: the VM has no network interface/);
    const told = updateRequest(port("192.0.2.1"));
    assert.notEqual(await prepareUpdate(await host.open(), "vm1", told), undefined);
  });

  it("refuses a version for another machine", async () => {
    await editDomain(host, (xml) => xml.replace('arch="i686"', 'arch="x86_64"'));
    assert.match(await refusal(), /machine: web 1.1-1 does not support hvm x86_64/);
  });
});
