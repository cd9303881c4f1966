import assert from "node:assert/strict";
import { chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseDescriptor } from "../../src/appliance/index.ts";
import { ApplianceError } from "../../src/errors.ts";
import { createVm } from "../../src/host/create/create.ts";
import type { CreateRequest } from "../../src/host/create/create-request.ts";
import { exportVm, prepareExport } from "../../src/host/export/export.ts";
import type { ExportRequest } from "../../src/host/export/export-request.ts";
import { buildAppliance } from "../../src/pipeline/index.ts";
import { testContext } from "../support/context.ts";
import {
  addAppliance,
  type HostFixture,
  openHostFixture,
  request,
} from "../fixtures/memory-host.ts";
import { recordBases, removePackage } from "../fixtures/host-bases.ts";

const { run } = testContext();

describe("export", () => {
  let host: HostFixture;
  let folder = "";
  beforeEach(() => open());
  afterEach(() => host[Symbol.asyncDispose]());

  async function open(): Promise<void> {
    host = await openHostFixture();
    folder = path.join(host.paths.root, "archive");
    await addAppliance(host, { os: "<kernel>vmlinuz</kernel><cmdline>root=/dev/vda</cmdline>" });
    await recordBases(host);
  }
  const disk = (name: string): string => path.join(host.paths.diskDir, name);
  const exportRequest = (overrides: Partial<ExportRequest> = {}): ExportRequest => ({
    folder,
    name: undefined,
    running: "refuse",
    stopSeconds: 1,
    start: false,
    ...overrides,
  });
  /** A VM that has written to its disks. */
  const makeVm = async (overrides: Partial<CreateRequest> = {}): Promise<void> => {
    await createVm(await host.open(), request({ start: false, ...overrides }));
    for (const [file, format] of [
      ["vm1-system.qcow2", "qcow2"],
      ["vm1-data.raw", "raw"],
    ] as const)
      await run("qemu-io", ["-f", format, "-c", "write -P 0x41 1M 64k", disk(file)]);
  };
  const isSame = async (own: string, format: string, exported: string): Promise<void> => {
    const args = ["compare", "-f", format, "-F", "qcow2", disk(own), path.join(folder, exported)];
    assert.match((await run("qemu-img", args)).stdout, /identical/);
  };
  const refusal = async (overrides: Partial<ExportRequest> = {}): Promise<string> => {
    const before = await host.files();
    try {
      await exportVm(await host.open(), "vm1", exportRequest(overrides));
    } catch (error) {
      assert.ok(error instanceof ApplianceError, String(error));
      assert.equal(error.code, "HOST_REFUSED", error.message);
      assert.deepEqual(await host.files(), before);
      return error.details.join("\n");
    }
    return assert.fail("it was not refused");
  };

  it("writes each disk whole, scratch as a size [system / export] [data / export] [scratch / export]", async () => {
    await makeVm();
    await exportVm(await host.open(), "vm1", exportRequest());
    assert.deepEqual((await readdir(folder)).sort(), [
      "appliance.xml",
      "data.qcow2",
      "system.qcow2",
      "vm1-vmlinuz",
    ]);
    await isSame("vm1-system.qcow2", "qcow2", "system.qcow2");
    await isSame("vm1-data.raw", "raw", "data.qcow2");
    const { stdout } = await run("qemu-img", ["info", path.join(folder, "system.qcow2")]);
    assert.doesNotMatch(stdout, /backing file/);
    const text = await readFile(path.join(folder, "appliance.xml"), "utf8");
    const { appliance } = parseDescriptor(text, "appliance.xml");
    assert.deepEqual(
      appliance?.disks.map(({ id, role, format, sizeBytes }) => [id, role, format, sizeBytes]),
      [
        ["system", "system", "qcow2", 4 * 1024 * 1024],
        ["data", "data", "qcow2", 4 * 1024 * 1024],
        ["scratch", "scratch", "raw", 8 * 1024 * 1024],
      ],
    );
    assert.equal(appliance?.name, "vm1");
    assert.equal(appliance?.version, "1.0");
    assert.deepEqual(appliance?.boots[0]?.os, {
      kind: "kernel",
      kernel: "vm1-vmlinuz",
      initrd: undefined,
      cmdline: "root=/dev/vda",
    });
  });

  it("leaves the VM and its bases as they are [base / export]", async () => {
    await makeVm();
    const before = await host.files();
    const xml = await host.libvirt.dumpXml("vm1");
    await exportVm(await host.open(), "vm1", exportRequest());
    await rm(folder, { recursive: true });
    assert.deepEqual(await host.files(), before);
    assert.equal(await host.libvirt.dumpXml("vm1"), xml);
  });

  it("writes what build makes a package of, and a VM of that has the same disks", async () => {
    await makeVm();
    const compare = await readFile(disk("vm1-data.raw"));
    await exportVm(await host.open(), "vm1", exportRequest({ name: "restored" }));
    const output = path.join(host.paths.root, "out");
    await mkdir(output);
    const built = await buildAppliance(
      folder,
      {
        outputFolder: output,
        package: { buildTimeSeconds: 0 },
        images: { keepRaw: false, compression: "zstd" },
      },
      testContext({ temporaryFolder: host.paths.root }),
    );
    assert.match(JSON.stringify(built), /restored-appliance-1.0-1.*rpm/);
    const raw = path.join(output, "data.raw");
    await run("qemu-img", ["convert", "-O", "raw", path.join(folder, "data.qcow2"), raw]);
    assert.deepEqual(await readFile(raw), compare);
  });

  it("works without the package, and includes disks that the administrator added", async () => {
    await makeVm();
    await removePackage(host, "1.0");
    await run("qemu-img", ["create", "-q", "-f", "raw", disk("extra.img"), "1M"]);
    const extra = `<disk type="file" device="disk"><driver type="raw"/><source file="${disk("extra.img")}"/><target dev="vdx"/></disk>`;
    const xml = await host.libvirt.dumpXml("vm1");
    await host.libvirt.defineDomain(xml.replace("</devices>", `${extra}</devices>`));
    const { appliance, notes } = await exportVm(await host.open(), "vm1", exportRequest());
    assert.match(notes.join("\n"), /disk vdx: not part of the appliance; exported as data disk/);
    assert.deepEqual(
      appliance.disks.map(({ file, role }) => [file, role]),
      [
        ["system.qcow2", "system"],
        ["data.qcow2", "data"],
        ["scratch.raw", "scratch"],
        ["extra.qcow2", "data"],
      ],
    );
    await isSame("extra.img", "raw", "extra.qcow2");
  });

  it("refuses what cannot be, with all reasons", async () => {
    await makeVm();
    await host.libvirt.startDomain("vm1");
    await mkdir(folder);
    await writeFile(path.join(folder, "something"), "");
    const reasons = await refusal();
    assert.match(reasons, /it is running; shut it down, or use --stop/);
    assert.match(reasons, /archive: the folder is not empty/);
    assert.match(await refusal({ folder: "/no/such/place" }), /\/no\/such: no such folder/);
    await rm(disk("vm1-data.raw"));
    assert.match(await refusal(), /disk vdb: .*vm1-data.raw cannot be read/);
  });

  it("shuts a running VM down and starts it again with the options", async () => {
    await makeVm({ start: true });
    await exportVm(await host.open(), "vm1", exportRequest({ running: "stop", start: true }));
    assert.equal((await host.libvirt.domainFacts("vm1")).isActive, true);
    await rm(folder, { recursive: true });
    await exportVm(await host.open(), "vm1", exportRequest({ running: "stop" }));
    assert.equal((await host.libvirt.domainFacts("vm1")).isActive, false);
  });

  it("keeps the export readable only by root, and includes no files of others", async () => {
    await makeVm();
    await chmod(disk("vm1-data.raw"), 0o600);
    const { root } = host.paths;
    const elsewhere = path.join(root, "elsewhere");
    await mkdir(elsewhere);
    await writeFile(path.join(elsewhere, "stranger"), "x");
    await symlink(elsewhere, path.join(root, ".archive.exporting"));
    await exportVm(await host.open(), "vm1", exportRequest());
    const modes = new Map<string, number>();
    for (const name of await readdir(folder))
      modes.set(name, (await lstat(path.join(folder, name))).mode & 0o777);
    assert.deepEqual(Object.fromEntries(modes), {
      "appliance.xml": 0o644,
      "data.qcow2": 0o600,
      "system.qcow2": 0o600,
      "vm1-vmlinuz": 0o600,
    });
    const stats = await lstat(folder);
    assert.ok(stats.isDirectory());
    assert.equal(stats.mode & 0o777, 0o700);
    assert.deepEqual(await readdir(elsewhere), ["stranger"]);
  });

  it("has a folder that is read by root alone from the start, and gone when it fails", async () => {
    await makeVm();
    const before = await host.files();
    const found: (readonly [string, number])[] = [];
    const hook = {
      before: async (label: string): Promise<void> => {
        if (!label.startsWith("flatten ")) return;
        for (const name of await readdir(host.paths.root))
          if (name.startsWith(".archive.exporting-"))
            found.push([name, (await lstat(path.join(host.paths.root, name))).mode & 0o777]);
        if (found.length === 2) throw new ApplianceError("LIB_NO_SPACE", "full");
      },
    };
    await assert.rejects(exportVm(await host.open(hook), "vm1", exportRequest()));
    assert.deepEqual(
      found.map(([, mode]) => mode),
      [0o700, 0o700],
    );
    assert.match(found[0]?.[0] ?? "", /^\.archive\.exporting-[0-9a-f]{16}$/);
    assert.deepEqual(await host.files(), before);
    assert.ok(!(await readdir(host.paths.root)).includes(found[0]?.[0] ?? ""));
  });

  it("leaves a folder of that name that came meanwhile, and what is in it", async () => {
    await makeVm();
    const hook = {
      before: async (label: string): Promise<void> => {
        if (!label.startsWith("rename ")) return;
        await mkdir(folder, { recursive: true });
        await writeFile(path.join(folder, "stranger"), "x");
      },
    };
    await assert.rejects(exportVm(await host.open(hook), "vm1", exportRequest()), {
      code: "LIB_IO",
    });
    assert.deepEqual(await readdir(folder), ["stranger"]);
  });

  it("changes nothing when only planned", async () => {
    await makeVm();
    const before = await host.files();
    await prepareExport(await host.open(), "vm1", exportRequest());
    assert.deepEqual(await host.files(), before);
  });
});
