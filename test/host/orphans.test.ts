import assert from "node:assert/strict";
import { copyFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { diagnose } from "../../src/host/doctor/doctor.ts";
import { faceOf } from "../../src/host/open-host.ts";
import type { Finding } from "../../src/host/doctor/finding.ts";
import { destroyVm } from "../../src/host/destroy/destroy.ts";
import { acceptVm } from "../../src/host/update/accept.ts";
import type { HostFixture } from "../fixtures/memory-host.ts";
import { domainXml, overlay, recordBases } from "../fixtures/host-bases.ts";
import { editDomain, openUpdateFixture, updateTools } from "../fixtures/appliance-versions.ts";

const CHANGED = { hash: "changed" } as const;

describe("files of a VM that is gone", () => {
  let host: HostFixture;
  const { disk, update, names } = updateTools(() => host);
  beforeEach(async () => {
    host = await openUpdateFixture();
    await recordBases(host);
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const isOrphan = ({ code }: Finding): boolean => /^(?:orphan-file|left-behind)$/.test(code);
  const orphans = async (): Promise<readonly Finding[]> =>
    (await diagnose(await host.open(), CHANGED)).findings.filter(isOrphan);
  const found = async (): Promise<readonly string[]> =>
    (await orphans()).map(({ subject }) => path.basename(subject)).sort();
  const fix = async (...remove: readonly string[]): Promise<void> => {
    await faceOf(await host.open()).repair({ ...CHANGED, remove });
  };
  const undefine = (): Promise<void> => host.libvirt.undefineDomain("vm1", { state: "keep" });
  /** As `virsh undefine --remove-all-storage` does: it deletes what the domain names, and nothing else. */
  const undefineWithStorage = async (...kept: readonly string[]): Promise<void> => {
    const xml = await host.libvirt.dumpXml("vm1");
    for (const [, file = ""] of xml.matchAll(/<disk [^]*?<source file="([^"]*)"/g))
      if (!kept.includes(path.basename(file))) await rm(file);
    await undefine();
  };

  it("are none while the VM is there, and none after destroy, whatever it kept", async () => {
    await update();
    assert.deepEqual(await found(), []);
    const traces = path.join(host.paths.stateDir, "traces");
    const [trace = ""] = await readdir(traces);
    const modes = [await stat(traces), await stat(path.join(traces, trace))];
    assert.deepEqual(
      modes.map((one) => one.mode & 0o777),
      [0o700, 0o600],
    );
    await acceptVm(await host.open(), "vm1");
    assert.deepEqual(await found(), []);
    await destroyVm(await host.open(), "vm1", { data: "keep", running: "refuse" });
    assert.deepEqual(await found(), []);
    assert.deepEqual(await readdir(traces), []);
  });

  it("are found and removed when its storage went without its rollback point", async () => {
    await update();
    await undefineWithStorage();
    const left = ["vm1-scratch.qcow2", "vm1-system.qcow2"];
    const all = await found();
    assert.deepEqual(
      all.filter((name) => !name.endsWith(".xml")),
      left,
    );
    assert.equal(all.length, 3, "the definition of before, too");
    await fix();
    assert.deepEqual(await names(), []);
    assert.deepEqual(await readdir(path.join(host.paths.stateDir, "definitions")), []);
    assert.deepEqual(await found(), []);
  });

  it("are found although a snapshot of another VM cannot be read", async () => {
    await update();
    await undefineWithStorage();
    const survey = host.libvirt.surveyDomains.bind(host.libvirt);
    const uuid = "6695eb01-f6a4-8304-79aa-000000000001";
    const xml = `<domain type='qemu'><name>other</name><uuid>${uuid}</uuid></domain>`;
    const error = new ApplianceError("LIBVIRT_FAILED", "one snapshot is not shown");
    const failure = { domain: "other", error, definition: { uuid, xml } };
    host.libvirt.surveyDomains = async (options) => {
      const { domains } = await survey(options);
      return { domains, failures: options.depth === "everything" ? [failure] : [] };
    };
    assert.equal((await found()).length, 3);
  });

  it("are kept when they are data, except those given by name", async () => {
    await undefineWithStorage("vm1-data.raw", "vm1-scratch.qcow2");
    await fix();
    assert.deepEqual(await names(), ["vm1-data.raw"]);
    const [data] = await orphans();
    assert.match(data?.todo ?? "", /it holds data: remove it with doctor --fix --remove /);
    await fix(disk("another.raw"));
    assert.deepEqual(await names(), ["vm1-data.raw"]);
    await fix(disk("vm1-data.raw"));
    assert.deepEqual(await names(), []);
  });

  it("records are kept while the VM may be defined again with its disks", async () => {
    const xml = await host.libvirt.dumpXml("vm1");
    await undefine();
    const before = await names();
    assert.deepEqual(await found(), [...before]);
    await fix();
    assert.deepEqual(await names(), before);
    await host.libvirt.defineDomain(xml);
    assert.deepEqual(await found(), []);
  });

  const keepers: Readonly<Record<string, () => Promise<unknown>>> = {
    "another domain has it": () =>
      host.libvirt.defineDomain(domainXml("other", [disk("vm1-scratch.qcow2")])),
    "an image in a pool rests on it": () => overlay(disk("other.qcow2"), disk("vm1-scratch.qcow2")),
    "something cannot be looked at": () =>
      writeFile(disk("bad.qcow2"), Buffer.from("514649fb00000063", "hex")),
    "it is another file of that name": async () => {
      await copyFile(disk("vm1-scratch.qcow2"), disk("copy"));
      await rename(disk("copy"), disk("vm1-scratch.qcow2"));
    },
    "libvirt does not tell all domains": async () => {
      host.libvirt.surveyDomains = () => Promise.reject(new TypeError("not asked"));
      const error = new ApplianceError("LIBVIRT_FAILED", "one domain is not shown");
      host.libvirt.surveyDomains = () =>
        Promise.resolve({ domains: [], failures: [{ domain: "x", error }] });
    },
  };
  for (const [when, keep] of Object.entries(keepers))
    it(`stay when ${when}`, async () => {
      await undefineWithStorage("vm1-scratch.qcow2");
      await keep();
      await fix(disk("vm1-scratch.qcow2"));
      assert.ok((await names()).includes("vm1-scratch.qcow2"));
    });

  it("are told of when a copy was left behind, and removed by name alone", async () => {
    await copyFile(disk("vm1-data.raw"), disk("moved.raw"));
    await editDomain(host, (xml) =>
      xml.replaceAll(`"${disk("vm1-data.raw")}"/>`, `"${disk("moved.raw")}"/>`),
    );
    await fix();
    const [left] = await orphans();
    assert.deepEqual(
      [left?.code, left?.severity, left?.subject],
      ["left-behind", "note", disk("vm1-data.raw")],
    );
    await fix();
    assert.ok((await names()).includes("vm1-data.raw"));
    await fix(disk("vm1-data.raw"));
    assert.ok(!(await names()).includes("vm1-data.raw"));
    assert.deepEqual(await found(), []);
  });
});
