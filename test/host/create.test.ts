import assert from "node:assert/strict";
import {
  appendFile,
  chmod,
  readdir,
  readFile,
  rename,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { createVm, prepareCreate } from "../../src/host/create/create.ts";
import { readCreateState } from "../../src/host/create/create-state.ts";
import { planCreate } from "../../src/host/create/plan-create.ts";
import { readInstance } from "../../src/host/instance/instance-xml.ts";
import { ApplianceError } from "../../src/errors.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import {
  addAppliance,
  type HostFixture,
  openHostFixture,
  request,
} from "../fixtures/memory-host.ts";

const MIB = 1024 * 1024;

async function refusal(
  host: HostFixture,
  overrides: Parameters<typeof request>[0],
): Promise<string> {
  const before = await host.files();
  try {
    await createVm(await host.open(), request(overrides));
  } catch (error) {
    assert.ok(error instanceof ApplianceError, String(error));
    assert.equal(error.code, "HOST_REFUSED", error.message);
    assert.deepEqual(await host.files(), before);
    return error.details.join("\n");
  }
  return assert.fail("it was not refused");
}

describe("create", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openHostFixture();
    await addAppliance(host);
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const disk = (name: string): string => path.join(host.paths.diskDir, name);
  const base = (name: string): string =>
    path.join(host.paths.baseDir, `web-appliance-1.0-1-${name}`);

  it("makes an overlay, a copy and an empty disk, and starts the VM", async () => {
    await createVm(await host.open(), request());
    assert.deepEqual((await readdir(host.paths.diskDir)).filter((n) => n !== "appliances").sort(), [
      "vm1-data.raw",
      "vm1-scratch.qcow2",
      "vm1-system.qcow2",
    ]);
    const { stdout } = await testContext().run("qemu-img", ["info", disk("vm1-system.qcow2")]);
    assert.match(stdout, new RegExp(`backing file: ${base("system.qcow2")}`));
    assert.deepEqual(await readFile(disk("vm1-data.raw")), await readFile(base("data.raw")));
    assert.deepEqual(await host.libvirt.listDomains(), [{ name: "vm1", isActive: true }]);
  });

  it("records what the VM was made from", async () => {
    const { operation } = await createVm(await host.open(), request());
    const instance = readInstance(await host.libvirt.dumpXml("vm1"));
    assert.deepEqual(instance, operation.instance);
  });

  it("makes copies of system disks when asked to", async () => {
    await createVm(await host.open(), request({ system: "copy" }));
    assert.deepEqual(
      await readFile(disk("vm1-system.qcow2")),
      await readFile(base("system.qcow2")),
    );
    assert.equal((await stat(disk("vm1-system.qcow2"))).mode & 0o777, 0o600);
  });

  it("gives the VM its own kernel", async () => {
    await addAppliance(host, {
      version: "2.0",
      os: "<kernel>vmlinuz</kernel><cmdline>root=/dev/vda a=b,c</cmdline>",
    });
    await createVm(await host.open(), request());
    assert.equal(await readFile(disk("vm1-vmlinuz"), "utf8"), "kernel of 2.0-1");
  });

  it("creates from the newest version, or from the given one", async () => {
    await addAppliance(host, { version: "1.10" });
    await addAppliance(host, { version: "1.9" });
    for (const [appliance, version] of [
      ["web", "1.10"],
      ["web-appliance", "1.10"],
      ["web-1.9", "1.9"],
      ["web-1.0-1", "1.0"],
      ["web-appliance-1.9-1", "1.9"],
    ] as const) {
      const { operation } = await prepareCreate(await host.open(), request({ appliance }));
      assert.equal(operation.instance.current.version, version, appliance);
    }
    await assert.rejects(prepareCreate(await host.open(), request({ appliance: "web-3" })), {
      code: "HOST_UNKNOWN_APPLIANCE",
    });
  });

  it("passes options on to virt-install", async () => {
    const options = {
      memoryMiB: 512,
      vcpus: 1,
      mac: "52:54:00:11:22:33",
      start: false,
      autostart: true,
      extra: ["--network", "none", "--sound", "ich6"],
    };
    await createVm(await host.open(), request({ ...options, networks: ["default,model=e1000"] }));
    const domain = parseDomain(await host.libvirt.dumpXml("vm1"));
    assert.equal(domain.memoryKiB, 512 * 1024);
    assert.equal(domain.vcpu, 1);
    assert.ok(domain.otherDevices.includes("sound (ich6)"));
    assert.equal(domain.interfaces[0]?.mac, "52:54:00:11:22:33");
    assert.equal(domain.interfaces[0]?.model, "e1000");
    const { isActive, autostart } = await host.libvirt.domainFacts("vm1");
    assert.deepEqual({ isActive, autostart }, { isActive: false, autostart: true });
  });

  it("names every reason at once, and changes nothing", async () => {
    await host.libvirt.defineDomain("<domain type='test'><name>vm1</name></domain>");
    await writeFile(disk("vm1-data.raw"), "somebody else's");
    await chmod(base("data.raw"), 0o644);
    await appendFile(base("data.raw"), "more");
    await rename(base("system.qcow2"), disk("elsewhere"));
    const reasons = await refusal(host, {
      memoryMiB: 1,
      networks: ["lan"],
      boot: undefined,
      virtType: "kvm",
      parameters: { color: "red" },
      extra: ["--name=other"],
    });
    for (const reason of [
      /name vm1: a domain of this name exists/,
      /the host has no hypervisor for hvm i686/,
      /vm1-data.raw: the file exists/,
      /data.raw was changed: it has/,
      /system.qcow2 is missing/,
      /network lan: no such network/,
      /parameter color: not declared by the appliance/,
      /--name: create sets this virt-install option itself/,
    ])
      assert.match(reasons, reason);
  });

  it("refuses when the whole plan does not fit: copies, kernel and all", async () => {
    const os = "<kernel>vmlinuz</kernel>";
    await addAppliance(host, { version: "2.0", os });
    const opened = await host.open();
    const state = await readCreateState(request(), opened);
    const { folder, bases } = state;
    assert.ok(folder !== undefined);
    const sizes = ["data.raw", "vmlinuz"].map((name) => bases.get(`web-appliance-2.0-1-${name}`));
    const copied = sizes.reduce((sum, each) => sum + (each?.allocatedBytes ?? 0), 0);
    const needed = copied + 3 * MIB;
    const plan = (freeBytes: number) =>
      planCreate({ ...state, folder: { ...folder, freeBytes } }, request(), opened);
    assert.ok(copied > 4 * MIB);
    plan(needed);
    assert.throws(
      () => plan(needed - 1),
      (error: ApplianceError) =>
        error.details.join() ===
        `${folder.path}: ${needed - 1} bytes are free, the disks need ${needed} bytes`,
    );
  });

  it("refuses disks of virt-install's options that nobody made, and prints them all the same", async () => {
    const extra = ["--disk", `path=${disk("more.qcow2")},size=1`];
    assert.match(await refusal(host, { extra }), /more.qcow2: missing; create it first/);
    const { operation, notes } = await prepareCreate(await host.open(), request({ extra }));
    assert.match(operation.xml, /more.qcow2/);
    assert.match(notes.join(), /more.qcow2: missing/);
  });

  it("refuses a name that is taken, or that no VM should have", async () => {
    await createVm(await host.open(), request());
    assert.match(await refusal(host, {}), /name vm1: a domain of this name exists/);
    assert.match(await refusal(host, {}), /vm1-data.raw: the file exists/);
    for (const vm of ["", "-x", "a/b", "a b", "..", "x".repeat(101)])
      assert.match(await refusal(host, { vm }), /expected letters, digits/);
  });

  it("refuses boots and pools that are not there", async () => {
    assert.match(await refusal(host, { boot: 3 }), /boot 3: the descriptor has boots 0 to 0/);
    assert.match(await refusal(host, { pool: "fast" }), /pool fast: no such pool/);
  });

  it("refuses a base that is not what was unpacked", async () => {
    await chmod(base("data.raw"), 0o644);
    const { size } = await stat(base("data.raw"));
    await writeFile(base("data.raw"), Buffer.alloc(size, "x"));
    assert.match(await refusal(host, {}), /data.raw was changed: its SHA-256 is/);
    await appendFile(base("data.raw"), "more");
    assert.match(await refusal(host, {}), /data.raw was changed: it has/);
    await rename(base("data.raw"), disk("elsewhere"));
    assert.match(await refusal(host, {}), /data.raw is missing/);
  });

  it("reads a base again only when it may have changed", async () => {
    const hashed: string[] = [];
    const open = async (): Promise<Awaited<ReturnType<HostFixture["open"]>>> => {
      const opened = await host.open();
      const start = (label: string): { advance: () => void; done: () => void } => {
        if (label.startsWith("checking")) hashed.push(label);
        return { advance: () => {}, done: () => {} };
      };
      return { ...opened, context: { ...opened.context, progress: { start } } };
    };
    await createVm(await open(), request());
    assert.equal(hashed.length, 2);
    await createVm(await open(), request({ vm: "vm2" }));
    assert.equal(hashed.length, 2);
    await utimes(base("data.raw"), 1, 1);
    await createVm(await open(), request({ vm: "vm3" }));
    assert.deepEqual(hashed.slice(2), ["checking web-appliance-1.0-1-data.raw"]);
  });

  it("reports the error of virt-install", async () => {
    const refused = await refusal(host, { extra: ["--no-such-option"] });
    assert.match(refused, /no-such-option/);
  });

  it("keeps a domain that another program defines under its name meanwhile", async () => {
    const foreign = `<domain type="test"><name>vm1</name>
      <uuid>11111111-2222-4333-8444-555555555555</uuid>
      <memory>1</memory><os><type>hvm</type></os></domain>`;
    const files = await host.files();
    let isDone = false;
    const open = await host.open({
      before: async (label) => {
        if (label !== "virsh define" || isDone) return;
        isDone = true;
        await host.libvirt.defineDomain(foreign);
        await host.libvirt.startDomain("vm1");
      },
    });
    await assert.rejects(createVm(open, request()), { code: "LIBVIRT_FAILED" });
    assert.equal(await host.libvirt.dumpXml("vm1"), foreign);
    assert.deepEqual(await host.libvirt.listDomains(), [{ name: "vm1", isActive: true }]);
    assert.deepEqual(await host.files(), files);
  });

  it("gives the domain the UUID that was asked for, as libvirt writes it", async () => {
    const extra = ["--uuid", "6695EB01f6a4830479aa97f2502e193a"];
    await createVm(await host.open(), request({ extra }));
    const { uuid } = parseDomain(await host.libvirt.dumpXml("vm1"));
    assert.equal(uuid, "6695eb01-f6a4-8304-79aa-97f2502e193a");
  });
});
