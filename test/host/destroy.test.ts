import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { createVm } from "../../src/host/create/create.ts";
import { destroyVm } from "../../src/host/destroy/destroy.ts";
import type { DestroyRequest } from "../../src/host/destroy/plan-destroy.ts";
import { ApplianceError } from "../../src/errors.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import { Killed } from "../support/kill-points.ts";
import {
  addAppliance,
  type HostFixture,
  openHostFixture,
  request,
} from "../fixtures/memory-host.ts";

const all: DestroyRequest = { data: "remove", running: "stop" };

describe("destroy", () => {
  let host: HostFixture;
  const open = async (facts = {}): Promise<void> => {
    host = await openHostFixture();
    await addAppliance(host);
    await createVm(await host.open(), request());
    if (Object.keys(facts).length === 0) return;
    const [domain] = await host.libvirt.listDomains();
    assert.ok(domain !== undefined);
    const present = { ...(await host.libvirt.domainFacts(domain.name)), ...facts };
    host.libvirt.domainFacts = () => Promise.resolve(present);
  };
  beforeEach(() => open());
  afterEach(() => host[Symbol.asyncDispose]());

  const disks = async (): Promise<string[]> =>
    (await readdir(host.paths.diskDir)).filter((name) => name.startsWith("vm1")).sort();

  it("removes the domain and every file that only it uses", async () => {
    await mkdir(host.paths.consoleDir, { recursive: true });
    await writeFile(path.join(host.paths.consoleDir, "vm1-console.log"), "hello");
    await writeFile(path.join(host.paths.consoleDir, "vm1.log"), "libvirt's own");
    await destroyVm(await host.open(), "vm1", all);
    assert.deepEqual(await disks(), []);
    assert.deepEqual(await host.libvirt.listDomains(), []);
    assert.deepEqual(await readdir(host.paths.consoleDir), ["vm1.log"]);
    assert.equal((await readdir(host.paths.baseDir)).length, 2);
  });

  it("removes the console log named in the domain, also after a rename", async () => {
    const { consoleDir } = host.paths;
    await mkdir(consoleDir, { recursive: true });
    for (const name of ["vm1-console.log", "vm1-console.log.0", "vm9-console.log"])
      await writeFile(path.join(consoleDir, name), "hello");
    const rename = async (from: string, to: string): Promise<void> => {
      const xml = await host.libvirt.dumpXml(from);
      await host.libvirt.undefineDomain(from, { state: "keep" });
      await host.libvirt.defineDomain(xml.replace(`<name>${from}<`, `<name>${to}<`));
    };
    await rename("vm1", "vm9");
    await destroyVm(await host.open(), "vm9", all);
    assert.deepEqual(await readdir(consoleDir), ["vm9-console.log"]);
  });

  it("leaves a console log to which another VM writes, and one in a place of the administrator's", async () => {
    const { consoleDir, root } = host.paths;
    await mkdir(consoleDir, { recursive: true });
    const log = path.join(consoleDir, "vm1-console.log");
    const theirs = path.join(root, "all-console.log");
    for (const file of [log, theirs]) await writeFile(file, "hello");
    const other = `<domain type="qemu"><name>other</name><uuid>11111111-2222-4333-8444-555555555555</uuid><os><type>hvm</type></os><devices><serial type="pty"><log file="${log}"/></serial></devices></domain>`;
    await host.libvirt.defineDomain(other);
    await destroyVm(await host.open(), "vm1", all);
    assert.deepEqual(await readdir(consoleDir), ["vm1-console.log"]);
    await createVm(await host.open(), request());
    const xml = await host.libvirt.dumpXml("vm1");
    assert.ok(xml.includes(log));
    await host.libvirt.defineDomain(xml.replace(log, theirs));
    await destroyVm(await host.open(), "vm1", all);
    assert.ok((await readdir(root)).includes("all-console.log"));
    assert.deepEqual(await readdir(consoleDir), ["vm1-console.log"]);
  });

  it("leaves data disks when they are to be kept", async () => {
    const { kept } = await destroyVm(await host.open(), "vm1", { ...all, data: "keep" });
    assert.deepEqual(await disks(), ["vm1-data.raw"]);
    assert.deepEqual(kept, [path.join(host.paths.diskDir, "vm1-data.raw")]);
  });

  describe("of a VM with UEFI and a TPM", () => {
    const uuid = "0db39742-f7eb-4a87-8773-3020177eec1e";
    const tpm = '<tpm model="tpm-crb"><backend type="emulator"/></tpm>';
    /** Firmware variables of this and of another VM, and state of this one's TPM. */
    const stateFiles = async (): Promise<string[]> =>
      (await readdir(host.paths.root, { recursive: true })).filter((name) =>
        /_VARS|permall/.test(name),
      );
    beforeEach(async () => {
      const { nvramDir, tpmDir } = host.paths;
      for (const folder of [nvramDir, path.join(tpmDir, uuid)])
        await mkdir(folder, { recursive: true });
      for (const name of ["vm1_VARS.fd", "vm12_VARS.fd", "chosen.fd"])
        await writeFile(path.join(nvramDir, name), name);
      await writeFile(path.join(tpmDir, uuid, "tpm2-00.permall"), "state");
    });
    const define = async (os: string, devices: string): Promise<void> => {
      const before = await host.libvirt.dumpXml("vm1");
      const xml = before
        .replace(/<os>/, os)
        .replaceAll(parseDomain(before).uuid ?? "", uuid)
        .replace("</devices>", `${devices}</devices>`);
      await host.libvirt.undefineDomain("vm1", { state: "keep" });
      await host.libvirt.defineDomain(xml);
    };
    const other = ["var/lib/libvirt/qemu/nvram/vm12_VARS.fd"];

    it("removes the firmware's variables, even if the definition does not name their file", async () => {
      await define('<os firmware="efi">', tpm);
      await destroyVm(await host.open(), "vm1", all);
      assert.deepEqual(await stateFiles(), other);
    });

    it("keeps TPM and firmware variables that may hold the key of kept data, and reports where", async () => {
      await define('<os firmware="efi">', tpm);
      const before = await stateFiles();
      const { kept } = await destroyVm(await host.open(), "vm1", { ...all, data: "keep" });
      assert.deepEqual(await stateFiles(), before);
      assert.deepEqual(kept.slice(1), [
        path.join(host.paths.tpmDir, uuid),
        path.join(host.paths.nvramDir, "vm1_VARS.fd"),
      ]);
    });

    it("keeps a file of firmware variables that the administrator chose", async () => {
      const chosen = path.join(host.paths.nvramDir, "chosen.fd");
      await define(`<os firmware="efi"><nvram>${chosen}</nvram>`, "");
      await destroyVm(await host.open(), "vm1", { ...all, data: "keep" });
      assert.ok((await readdir(host.paths.nvramDir)).includes("chosen.fd"));
    });
  });

  it("brings back the passwords of a VM that it did not come to end", async () => {
    const xml = await host.libvirt.dumpXml("vm1");
    const secret = xml.replace("</devices>", '<graphics type="vnc" passwd="s3"/></devices>');
    await host.libvirt.defineDomain(secret);
    host.libvirt.dumpXml = () => Promise.resolve(xml);
    host.libvirt.dumpDefinition = () => Promise.resolve(secret);
    let defined = "";
    const libvirt = { ...host.libvirt };
    host.libvirt.defineDomain = async (text) => libvirt.defineDomain((defined = text));
    // The domain is forgotten when this process dies.
    const after = (label: string): void => {
      if (label.includes("undefine")) throw new Killed(label);
    };
    await assert.rejects(destroyVm(await host.open({ after }), "vm1", all), Killed);
    assert.deepEqual(await recoverInterrupted(await host.open()), []);
    assert.equal(defined, secret);
  });

  it("gives autostart back to a VM that it did not come to end", async () => {
    for (const state of ["on", "off"] as const) {
      await host.libvirt.setAutostart("vm1", state);
      const after = (label: string): void => {
        if (label.includes("undefine")) throw new Killed(label);
      };
      await assert.rejects(destroyVm(await host.open({ after }), "vm1", all), Killed);
      await recoverInterrupted(await host.open());
      assert.equal((await host.libvirt.domainFacts("vm1")).autostart, state === "on");
    }
  });

  it("refuses, with every reason, and changes nothing", async () => {
    await host[Symbol.asyncDispose]();
    await open({ hasManagedSave: true, snapshots: ["before"], blockJobs: ["vda"] });
    const file = path.join(host.paths.diskDir, "vm1-data.raw");
    await host.libvirt.defineDomain(
      `<domain type="test"><name>other</name><devices><disk type="file"><source file="${file}"/></disk></devices></domain>`,
    );
    const before = await host.files();
    const wanted: DestroyRequest = { data: "remove", running: "refuse" };
    const refused = await destroyVm(await host.open(), "vm1", wanted).catch((e: unknown) => e);
    assert.ok(refused instanceof ApplianceError && refused.code === "HOST_REFUSED");
    for (const reason of [
      /running/,
      /saved state/,
      /snapshots: before/,
      /block job.*vda/,
      /other uses/,
    ])
      assert.match(refused.details.join("\n"), reason);
    assert.equal(refused.details.length, 5);
    assert.deepEqual(await host.files(), before);
  });

  it("knows only VMs made from appliances", async () => {
    await host.libvirt.defineDomain('<domain type="test"><name>plain</name></domain>');
    for (const vm of ["plain", "nobody"])
      await assert.rejects(destroyVm(await host.open(), vm, all), { code: "HOST_UNKNOWN_VM" });
  });
});
