import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeRun, type Run } from "../../src/lib/exec.ts";
import {
  type Libvirt,
  openLibvirt,
  openMemoryLibvirt,
  parseDomain,
} from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import { kvmHost, webDomain, xenDomain } from "../fixtures/libvirt-documents.ts";
import { openFolder, withFolder } from "../support/temporary.ts";

// libvirt's own test driver: a hypervisor inside the client library, the same for everyone.
const uri = "test:///default";

describe("libvirt", () => {
  const real = openLibvirt(testContext(), { uri });

  async function memoryTwin(): Promise<Libvirt> {
    const pools = await real.listPools();
    return openMemoryLibvirt({
      domains: [{ xml: await real.dumpXml("test"), isActive: true }],
      pools: pools.map((pool) => ({ ...pool, volumes: [] })),
    });
  }

  it("virsh and the libvirt in memory return the same", async () => {
    const memory = await memoryTwin();
    for (const libvirt of [real, memory]) {
      assert.deepEqual(await libvirt.listDomains(), [{ name: "test", isActive: true }]);
      assert.equal(parseDomain(await libvirt.dumpXml("test")).name, "test");
      assert.equal(await libvirt.dumpDefinition("test"), await libvirt.dumpXml("test"));
      await assert.rejects(libvirt.resizeDisk("test", "vdz", 1024), { code: "LIBVIRT_FAILED" });
      assert.deepEqual(await libvirt.listPools(), [
        { name: "default-pool", isActive: true, type: "dir", targetPath: "/default-pool" },
      ]);
      assert.deepEqual(await libvirt.listVolumes("default-pool"), []);
    }
  });

  it("distinguishes the running domain from its definition for the next start", async () => {
    for (const libvirt of [real, await memoryTwin()]) {
      assert.equal(parseDomain((await libvirt.dumpLive("test")) ?? "").name, "test");
      assert.equal(await libvirt.dumpLive("nope"), undefined);
    }
    const answers = (stdout: string): Libvirt => {
      const run = () => Promise.resolve({ exitCode: 0, stdout, stderr: "" });
      return openLibvirt(testContext({ run }), { uri });
    };
    const running = "<domain type='kvm' id='7'>\n  <name>vm1</name>\n</domain>\n";
    assert.equal(await answers(running).dumpLive("vm1"), running);
    assert.equal(await answers(running.replace(" id='7'", "")).dumpLive("vm1"), undefined);
    const memory = openMemoryLibvirt({ domains: [{ xml: webDomain }] });
    const { name } = parseDomain(webDomain);
    assert.equal(await memory.dumpLive(name), undefined);
    await memory.startDomain(name);
    await memory.defineDomain(webDomain.replace("</domain>", "<!-- later --></domain>"));
    assert.equal(await memory.dumpLive(name), webDomain);
    assert.match(await memory.dumpXml(name), /later/);
  });

  it("returns the capabilities of the host", async () => {
    const { guests } = await real.capabilities();
    assert.deepEqual(
      guests.map((guest) => [guest.osType, guest.arch, guest.domainTypes]),
      [
        ["hvm", "i686", ["test"]],
        ["xen", "i686", ["test"]],
      ],
    );
  });

  it("returns the addresses at which a domain can be reached", async () => {
    for (const from of ["leases", "anywhere"] as const)
      assert.deepEqual(await real.guestAddresses("test", from), ["192.168.122.3"]);
    await using temporary = await openFolder();
    const folder = temporary.path;
    const script = `#!/bin/sh
row() { printf ' %-10s 52:54:00:00:00:01    %s         %s\\n' "$1" "$2" "$3"; }
case "$*" in
  *qemu-agent-command*) echo '{"return":{}}' ;;
  *'--source lease') row vnet0 ipv4 192.0.2.7/24 ;;
  *'--source arp') row vnet0 ipv4 192.0.2.7/0; row vnet0 ipv4 192.0.2.8/0 ;;
  *'--source agent')
    row lo ipv4 127.0.0.1/8; row lo ipv6 ::1/128; row eth0 ipv4 192.0.2.9/24
    row eth0 ipv6 fe80::5054:ff:fe00:1/64; row eth0 ipv6 2001:db8::7/64 ;;
esac
`;
    await writeFile(path.join(folder, "virsh"), script);
    await chmod(path.join(folder, "virsh"), 0o755);
    const run = makeRun(`${folder}:/usr/bin:/bin`, new AbortController().signal);
    const libvirt = openLibvirt(testContext({ run }), { uri });
    assert.deepEqual(await libvirt.guestAddresses("vm1", "leases"), ["192.0.2.7"]);
    assert.deepEqual(await libvirt.guestAddresses("vm1", "anywhere"), [
      "192.0.2.7",
      "192.0.2.8",
      "192.0.2.9",
      "2001:db8::7",
    ]);
  });

  it("reports an unknown domain or pool, also if its name looks like an option", async () => {
    for (const libvirt of [real, await memoryTwin()]) {
      for (const name of ["nope", "-x", "--help", "a b'\"$(id)"]) {
        await assert.rejects(libvirt.dumpXml(name), { code: "LIBVIRT_UNKNOWN" }, name);
        await assert.rejects(libvirt.listVolumes(name), { code: "LIBVIRT_UNKNOWN" }, name);
      }
    }
  });

  it("reports that no daemon responds", async () => {
    const nowhere = openLibvirt(testContext(), { uri: "qemu+unix:///system?socket=/nowhere" });
    const memory = openMemoryLibvirt({ isUnreachable: true });
    for (const libvirt of [nowhere, memory]) {
      for (const ask of [
        () => libvirt.capabilities(),
        () => libvirt.listDomains(),
        () => libvirt.dumpXml("x"),
        () => libvirt.listPools(),
        () => libvirt.listVolumes("x"),
      ]) {
        await assert.rejects(ask(), { code: "LIBVIRT_UNREACHABLE", exitCode: 4 });
      }
    }
  });

  it("reports that virsh is not installed", async () => {
    const signal = new AbortController().signal;
    const libvirt = openLibvirt(testContext({ run: makeRun("/nowhere", signal) }), { uri });
    await assert.rejects(libvirt.capabilities(), { code: "LIB_EXEC_MISSING", exitCode: 4 });
  });

  it(
    "names the command and the time limit when virsh hangs",
    withFolder(async (folder) => {
      await writeFile(path.join(folder, "virsh"), "#!/bin/sh\nexec sleep 60\n");
      await chmod(path.join(folder, "virsh"), 0o755);
      const impatient = makeRun(`${folder}:/usr/bin:/bin`, new AbortController().signal);
      const run: typeof impatient = (file, args, options) =>
        impatient(file, args, { ...options, timeoutMs: 50 });
      await assert.rejects(openLibvirt(testContext({ run }), { uri }).dumpXml("vm1"), {
        code: "LIBVIRT_TIMEOUT",
        message: `${uri}: virsh dumpxml --domain vm1 --inactive did not end within 30 seconds`,
        hint: "check that libvirtd or virtqemud runs and responds: systemctl status libvirtd virtqemud",
      });
    }),
  );

  it("waits longer for a change than for a query", async () => {
    const limits = new Map<string, number | undefined>();
    const run: Run = (_file, args, options) => {
      limits.set(args[3] ?? "", options?.timeoutMs);
      const stdout = args[3] === "list" && args.includes("--all") ? "vm1\n" : "";
      return Promise.resolve({ exitCode: 0, stdout, stderr: "" });
    };
    const libvirt = openLibvirt(testContext({ run }), { uri });
    await libvirt.defineDomain("<domain/>");
    await libvirt.startDomain("vm1");
    await libvirt.resizeDisk("vm1", "vda", 1024);
    await libvirt.undefineDomain("vm1", { state: "keep" });
    await libvirt.refreshPool("pool");
    assert.deepEqual(Object.fromEntries(limits), {
      define: 600_000,
      list: 30_000,
      start: 600_000,
      blockresize: 600_000,
      dumpxml: 30_000,
      undefine: 600_000,
      "pool-refresh": 600_000,
    });
  });

  it("ends when it is interrupted", async () => {
    const controller = new AbortController();
    controller.abort();
    const libvirt = openLibvirt(testContext({ signal: controller.signal }), { uri });
    await assert.rejects(libvirt.capabilities(), { code: "LIB_INTERRUPTED" });
  });

  it(
    "reads the table of volumes, with names that hold spaces",
    withFolder(async (folder) => {
      const table = [
        " web  01.qcow2   /pool/web  01.qcow2",
        " b.raw           /pool/b.raw",
        " rbd-image       pool/other",
        "",
      ].join("\n");
      const virsh = path.join(folder, "virsh");
      await writeFile(virsh, `#!/bin/sh\ncat <<'END'\n${table}END\n`);
      await chmod(virsh, 0o755);
      const signal = new AbortController().signal;
      const run = makeRun(`${folder}:${process.env["PATH"] ?? ""}`, signal);
      const libvirt = openLibvirt(testContext({ run }));
      assert.deepEqual(await libvirt.listVolumes("pool"), [
        { name: "b.raw", path: "/pool/b.raw" },
        { name: "rbd-image", path: "pool/other" },
        { name: "web  01.qcow2", path: "/pool/web  01.qcow2" },
      ]);
    }),
  );

  describe("in memory", () => {
    const memory = openMemoryLibvirt({
      capabilities: kvmHost,
      domains: [{ xml: webDomain }, { xml: xenDomain, isActive: true }],
      pools: [
        {
          name: "appliances",
          isActive: true,
          type: "dir",
          targetPath: "/base",
          volumes: [
            { name: "b", path: "/base/b" },
            { name: "a", path: "/base/a" },
          ],
        },
        { name: "off", isActive: false, type: "dir", targetPath: "/off", volumes: [] },
      ],
    });

    it("lists everything by name", async () => {
      assert.deepEqual(await memory.listDomains(), [
        { name: "pv", isActive: true },
        { name: "web 01 (test)", isActive: false },
      ]);
      assert.deepEqual(
        (await memory.listPools()).map((pool) => pool.name),
        ["appliances", "off"],
      );
      assert.deepEqual(
        (await memory.listVolumes("appliances")).map((volume) => volume.name),
        ["a", "b"],
      );
      assert.equal((await memory.capabilities()).guests.length, 2);
      assert.equal(await memory.dumpXml("pv"), xenDomain);
    });

    it("does not list the volumes of a pool that is off", async () => {
      await assert.rejects(memory.listVolumes("off"), { code: "LIBVIRT_FAILED" });
    });
  });
});
