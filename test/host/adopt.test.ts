import assert from "node:assert/strict";
import { chmod, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { adoptDomain, prepareAdopt } from "../../src/host/adopt/adopt.ts";
import type { AdoptRequest } from "../../src/host/adopt/plan-adopt.ts";
import { createVm } from "../../src/host/create/create.ts";
import { destroyVm } from "../../src/host/destroy/destroy.ts";
import { readInstance } from "../../src/host/instance/instance-xml.ts";
import { rollbackVm } from "../../src/host/update/rollback.ts";
import { updateVm } from "../../src/host/update/update.ts";
import { ApplianceError } from "../../src/errors.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import {
  addAppliance,
  type HostFixture,
  openHostFixture,
  request,
} from "../fixtures/memory-host.ts";
import { domainXml, overlay, recordBases, removePackage } from "../fixtures/host-bases.ts";
import { updateRequest } from "../fixtures/appliance-versions.ts";

const KERNEL = "<kernel>vmlinuz</kernel>";

describe("adopt", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openHostFixture();
    await addAppliance(host);
    await recordBases(host);
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const disk = (name: string): string => path.join(host.paths.diskDir, name);
  const base = (name: string, version = "1.0"): string =>
    path.join(host.paths.baseDir, `web-appliance-${version}-1-${name}`);
  const noRequest: AdoptRequest = { disks: {}, boot: undefined };
  /** Makes a domain as plain virt-install does: an overlay, and whatever else. */
  const plain = async (
    others: readonly string[] = [],
    change: (xml: string) => string = (xml) => xml,
  ): Promise<void> => {
    await overlay(disk("plain.qcow2"), base("system.qcow2"));
    await host.libvirt.defineDomain(change(domainXml("plain", [disk("plain.qcow2"), ...others])));
  };
  const refusal = async (given: Partial<AdoptRequest> = {}): Promise<string> => {
    const before = await host.libvirt.dumpXml("plain");
    try {
      await adoptDomain(await host.open(), "plain", { ...noRequest, ...given });
    } catch (error) {
      assert.ok(error instanceof ApplianceError, String(error));
      assert.equal(error.code, "HOST_REFUSED", error.message);
      assert.equal(await host.libvirt.dumpXml("plain"), before);
      return error.details.join("\n");
    }
    return assert.fail("it was not refused");
  };

  it("writes what the VM is made of, found by what its disk rests on", async () => {
    await plain([disk("extra.qcow2")]);
    await overlay(disk("extra.qcow2"), disk("plain.qcow2"));
    await rm(disk("extra.qcow2"));
    await writeFile(disk("extra.qcow2"), "the administrator's own");
    const disks = { data: "none", scratch: "none" };
    const { instance, notes } = await adoptDomain(await host.open(), "plain", {
      ...noRequest,
      disks,
    });
    assert.deepEqual(notes, [
      "disk data: the domain does not have it; the next update adds it",
      "disk scratch: the domain does not have it; the next update adds it",
    ]);
    assert.deepEqual(readInstance(await host.libvirt.dumpXml("plain")), instance);
  });

  it("has libvirt leave the base to root from now on, and changes nothing else", async () => {
    await plain();
    const before = parseDomain(await host.libvirt.dumpXml("plain"));
    await adoptDomain(await host.open(), "plain", noRequest);
    const xml = await host.libvirt.dumpXml("plain");
    assert.deepEqual(parseDomain(xml).disks, before.disks);
    assert.equal(parseDomain(xml).uuid, before.uuid);
  });

  it("touches no disk, data disks neither [system / adopt] [data / adopt] [base / adopt]", async () => {
    await plain([disk("data.raw")], (xml) => xml.replace(/"qcow2"\/>(?=.{0,40}data)/, '"raw"/>'));
    await writeFile(disk("data.raw"), "data");
    const before = await host.files();
    await adoptDomain(await host.open(), "plain", { ...noRequest, disks: { data: "vdb" } });
    assert.deepEqual(await host.files(), before);
    assert.equal((await stat(base("system.qcow2"))).mode & 0o777, 0o444);
  });

  it("takes disks that rest on nothing only when they are pointed out [scratch / adopt]", async () => {
    await plain([disk("data.qcow2"), disk("tmp.qcow2")]);
    for (const name of ["data.qcow2", "tmp.qcow2"]) await writeFile(disk(name), "own");
    const given = { data: "vdb", scratch: "vdc" };
    const { instance } = await prepareAdopt(await host.open(), "plain", {
      ...noRequest,
      disks: given,
    });
    assert.deepEqual(
      instance.current.disks.map(({ id, kind, target }) => [id, kind, target]),
      [
        ["system", "overlay", "vda"],
        ["data", "copy", "vdb"],
        ["scratch", "empty", "vdc"],
      ],
    );
    for (const [disks, reason] of [
      [{ nothing: "vdb" }, /the appliance has no disk nothing/],
      [{ data: "vdz" }, /the domain has no disk vdz/],
      [{ data: "vda" }, /vda is disk system by its base/],
      [{ system: "vdb" }, /vda is disk system by its base/],
      [{ system: "none" }, /the domain has no disk none/],
      [{ nothing: "none" }, /the appliance has no disk nothing/],
    ] as const)
      assert.match(await refusal({ disks }), reason);
  });

  it("asks which disk it is when the domain has others, so that no update adds a second one", async () => {
    await plain([disk("own.raw"), disk("more.raw")], (xml) =>
      xml.replaceAll(/"qcow2"(?=\/><source file="[^"]*\.raw")/g, '"raw"'),
    );
    for (const name of ["own.raw", "more.raw"])
      await writeFile(disk(name), Buffer.alloc(4 * 1024 * 1024, "data"));
    const both = `vdb \\(${disk("own.raw")}\\) or vdc \\(${disk("more.raw")}\\)`;
    const asks = (id: string, which: string): RegExp =>
      new RegExp(
        `^disk ${id} of the appliance: may be ${which} of the domain; choose with --disk ${id}=TARGET, or --disk ${id}=none if`,
        "m",
      );
    const reasons = await refusal();
    for (const id of ["data", "scratch"]) assert.match(reasons, asks(id, both));
    assert.match(
      await refusal({ disks: { data: "vdb" } }),
      asks("scratch", `vdc \\(${disk("more.raw")}\\)`),
    );
    const disks = { data: "vdb", scratch: "none" };
    await adoptDomain(await host.open(), "plain", { ...noRequest, disks });
    await addAppliance(host, { version: "1.1" });
    const done = await updateVm(await host.open(), "plain", updateRequest());
    assert.deepEqual(done?.operation.notes.slice(0, 1), [
      "disk scratch: the VM does not have it; adds a new one",
    ]);
    const sources = parseDomain(await host.libvirt.dumpXml("plain")).disks.map((d) => d.source);
    assert.deepEqual(sources.slice(1, 3), [disk("own.raw"), disk("more.raw")]);
    assert.equal(sources.length, 4);
  });

  it("gives a VM that boots a kernel its own copy", async () => {
    await addAppliance(host, { version: "2.0", os: KERNEL });
    await overlay(disk("plain.qcow2"), base("system.qcow2", "2.0"));
    const xml = domainXml("plain", [disk("plain.qcow2")]);
    await host.libvirt.defineDomain(
      xml.replace("</os>", `<kernel>${base("vmlinuz", "2.0")}</kernel></os>`),
    );
    await adoptDomain(await host.open(), "plain", noRequest);
    assert.equal(await readFile(disk("plain-vmlinuz"), "utf8"), "kernel of 2.0-1");
    // What is destroyed later is the copy.
    await destroyVm(await host.open(), "plain", { data: "remove", running: "refuse" });
    await stat(base("vmlinuz", "2.0"));
  });

  it("makes a VM that can be updated and rolled back", async () => {
    await plain();
    await adoptDomain(await host.open(), "plain", noRequest);
    await addAppliance(host, { version: "1.1" });
    await updateVm(await host.open(), "plain", updateRequest());
    const sources = parseDomain(await host.libvirt.dumpXml("plain")).disks.map((d) => d.source);
    assert.equal(sources[0], disk("plain-1.1-1-system.qcow2"));
    await rollbackVm(await host.open(), "plain", { stopSeconds: undefined, start: "as-before" });
    const back = parseDomain(await host.libvirt.dumpXml("plain")).disks.map((d) => d.source);
    assert.equal(back[0], disk("plain.qcow2"));
  });

  it("refuses another kernel than the appliance's", async () => {
    await addAppliance(host, { version: "2.0", os: KERNEL });
    await overlay(disk("plain.qcow2"), base("system.qcow2", "2.0"));
    await writeFile(disk("other"), "other");
    const xml = domainXml("plain", [disk("plain.qcow2")]);
    await host.libvirt.defineDomain(xml.replace("</os>", `<kernel>${disk("other")}</kernel></os>`));
    assert.match(await refusal(), /kernel .*other: differs from the appliance's/);
  });

  it("refuses domains whose disks cannot be matched", async () => {
    await writeFile(disk("other.raw"), "other");
    await overlay(disk("none.qcow2"), disk("other.raw"), { backingFormat: "raw" });
    await overlay(disk("lost.qcow2"), disk("missing.qcow2"));
    await overlay(disk("deep.qcow2"), disk("plain.qcow2"));
    await overlay(disk("twice.qcow2"), base("system.qcow2"));
    await addAppliance(host, { version: "2.0" });
    await overlay(disk("new.qcow2"), base("system.qcow2", "2.0"));
    await overlay(disk("plain.qcow2"), base("system.qcow2"));
    const define = async (...names: readonly string[]): Promise<void> => {
      await host.libvirt.defineDomain(domainXml("plain", names));
    };
    await define(disk("none.qcow2"));
    assert.match(await refusal(), /none of its disks is backed by a base of an appliance/);
    await define(disk("deep.qcow2"));
    assert.match(await refusal(), /plain.qcow2 is between it and the base .*: merge them first/);
    await define(disk("plain.qcow2"), disk("lost.qcow2"));
    assert.match(await refusal(), /missing.qcow2: no such file/);
    await define(disk("plain.qcow2"), disk("twice.qcow2"));
    assert.match(await refusal(), /disk vdb: another disk is backed by .*system.qcow2 too/);
    await define(disk("plain.qcow2"), disk("new.qcow2"));
    assert.match(await refusal(), /bases of several appliances: .*2.0-1, .*1.0-1/);
    await define(base("system.qcow2"));
    assert.match(await refusal(), /disk vda: uses the base .*system.qcow2 directly/);
    await define(disk("plain.qcow2"));
    assert.match(await refusal({ boot: 7 }), /boot 7: does not match the domain/);
  });

  it("refuses a base that was changed, or whose package is gone", async () => {
    await plain();
    await chmod(base("system.qcow2"), 0o644);
    const { size } = await stat(base("system.qcow2"));
    await writeFile(base("system.qcow2"), Buffer.alloc(size, "x"));
    await rm(path.join(host.paths.stateDir, "bases"), { recursive: true });
    assert.match(await refusal(), /system.qcow2 was changed/);
    await removePackage(host, "1.0");
    assert.match(await refusal(), /is backed by .*, whose package is not installed/);
  });

  it("refuses a VM that is known, unless its metadata is damaged", async () => {
    const { operation } = await createVm(await host.open(), request({ vm: "plain", start: false }));
    assert.match(await refusal(), /already recorded as web 1.0-1/);
    await host.libvirt.defineDomain(operation.xml.replaceAll('kind="overlay"', 'kind="?"'));
    const disks = { data: "vdb", scratch: "vdc" };
    const { instance } = await adoptDomain(await host.open(), "plain", { ...noRequest, disks });
    assert.deepEqual(instance.current.disks, operation.instance.current.disks);
  });
});
