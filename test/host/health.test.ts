import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import type { LocalHost } from "../../src/host/access/local-host.ts";
import { consoleLogFile } from "../../src/host/access/paths.ts";
import { updateVm } from "../../src/host/update/update.ts";
import type { HealthCheck } from "../../src/host/steps/health.ts";
import type { HostFixture } from "../fixtures/memory-host.ts";
import {
  editDomain,
  instanceOf,
  openUpdateFixture,
  updateRequest,
} from "../fixtures/appliance-versions.ts";

describe("a checked update", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openUpdateFixture();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const update = (
    check: HealthCheck,
    timeoutSeconds = 0.2,
    opened?: LocalHost,
  ): Promise<unknown> => {
    const request = updateRequest({ verify: { check, timeoutSeconds } });
    return opened === undefined
      ? host.open().then((each) => updateVm(each, "vm1", request))
      : updateVm(opened, "vm1", request);
  };
  /** A host on which a VM that is started does something. */
  const openWith = async (changes: Partial<LocalHost["libvirt"]>): Promise<LocalHost> => {
    const opened = await host.open();
    return { ...opened, libvirt: { ...opened.libvirt, ...changes } };
  };
  const failure = async (updating: Promise<unknown>): Promise<ApplianceError> => {
    const before = await host.files();
    const xml = await host.libvirt.dumpXml("vm1");
    const error = await updating.catch((caught: unknown) => caught);
    assert.ok(error instanceof ApplianceError, String(error));
    assert.equal(error.code, "HOST_UNHEALTHY", error.message);
    assert.equal(error.exitCode, 3);
    assert.equal(error.hint, "it was rolled back to 1.0-1");
    assert.equal(await host.libvirt.dumpXml("vm1"), xml);
    assert.deepEqual(await host.libvirt.listDomains(), [{ name: "vm1", isActive: false }]);
    const files = new Map(
      [...(await host.files())].filter(([file]) => !file.includes("failed-updates")),
    );
    assert.deepEqual(files, before);
    return error;
  };

  /** Gives the VM the channel that its guest agent is asked through. */
  const addChannel = async (): Promise<void> => {
    const channel = '<channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/>';
    await editDomain(host, (xml) => xml.replace("</devices>", `${channel}</channel></devices>`));
  };

  it("stays when a command succeeds, which knows the VM, and keeps the rollback point", async () => {
    await update({ kind: "command", command: 'test "$VIRT_APPLIANCE_VM" = vm1' });
    const { current, previous } = await instanceOf(host);
    assert.deepEqual([current.version, previous?.version], ["1.1", "1.0"]);
    assert.deepEqual(await host.libvirt.listDomains(), [{ name: "vm1", isActive: true }]);
  });

  it("is taken back when a command does not succeed, or does not end", async () => {
    assert.match(
      (await failure(update({ kind: "command", command: "exit 3" }))).message,
      /vm1: did not come up: "exit 3" did not succeed within 0.2 s/,
    );
    await failure(update({ kind: "command", command: "sleep 60" }));
  });

  it("looks at a port of the VM, or of another host", async () => {
    const server = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const { port } = address;
    try {
      const unknown = await failure(update({ kind: "tcp", host: undefined, port }));
      assert.match(
        unknown.message,
        /no DHCP lease, guest agent or ARP entry showed its IP address within/,
      );
      const closed = await openWith({ guestAddresses: async () => ["127.0.0.2", "127.0.0.3"] });
      const tried = await failure(update({ kind: "tcp", host: undefined, port }, 0.2, closed));
      assert.match(tried.message, /could not connect to port \d+ of 127.0.0.2, 127.0.0.3 within/);
      const opened = await openWith({ guestAddresses: async () => ["127.0.0.1"] });
      await update({ kind: "tcp", host: undefined, port }, 2, opened);
    } finally {
      server.close();
    }
    await host[Symbol.asyncDispose]();
    host = await openUpdateFixture();
    const { message } = await failure(update({ kind: "tcp", host: "127.0.0.1", port }));
    assert.match(message, /could not connect to port \d+ of 127.0.0.1/);
  });

  it("leaves no listener behind at any of many addresses", async () => {
    const warnings: string[] = [];
    const note = (warning: Error): void => void warnings.push(warning.name);
    process.on("warning", note);
    try {
      const many = Array.from({ length: 15 }, (_, index) => `127.0.0.${index + 2}`);
      const closed = await openWith({ guestAddresses: async () => many });
      await failure(update({ kind: "tcp", host: undefined, port: 1 }, 0.2, closed));
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(warnings, []);
    } finally {
      process.off("warning", note);
    }
  });

  it("asks the guest agent", async () => {
    await addChannel();
    const silent = await openWith({ pingAgent: async () => false });
    const { message } = await failure(update({ kind: "agent" }, 0.2, silent));
    assert.match(message, /its guest agent did not respond/);
    await update({ kind: "agent" }, 2, await openWith({ pingAgent: async () => true }));
  });

  /** A host whose VM says something at each start, and may end then. */
  const openSpeaking = async (text: string, ends = false): Promise<LocalHost> => {
    const log = consoleLogFile(host.paths, "vm1");
    await mkdir(path.dirname(log), { recursive: true });
    const start = async (vm: string): Promise<void> => {
      await writeFile(log, text);
      await (ends ? host.libvirt.stopDomain(vm) : host.libvirt.startDomain(vm));
    };
    return openWith({ startDomain: start });
  };

  it("reads what the VM says on its console, also when it has ended", async () => {
    const check = { kind: "console", pattern: "^ready on tty\\d$" } as const;
    await update(check, 2, await openSpeaking("booting\r\nready on tty1\r\nlogin:", true));
    assert.equal((await instanceOf(host)).current.version, "1.1");
  });

  it("keeps what a VM said that did not come up, and names the file", async () => {
    const check = { kind: "console", pattern: "ready" } as const;
    const log = consoleLogFile(host.paths, "vm1");
    await mkdir(path.dirname(log), { recursive: true });
    await writeFile(log, "");
    const opened = await openSpeaking("Kernel panic\n", true);
    const error = await update(check, 60, opened).catch((caught: unknown) => caught);
    assert.ok(error instanceof ApplianceError);
    assert.match(error.message, /its console did not print \/ready\/ before the VM stopped/);
    const folder = path.join(host.paths.stateDir, "failed-updates");
    const [name = ""] = await readdir(folder);
    assert.match(name, /^vm1-1.1-1-20260102030405000.log$/);
    const kept = path.join(folder, name);
    assert.deepEqual(error.details, [`its console log is ${kept}`]);
    assert.equal(await readFile(kept, "utf8"), "Kernel panic\n");
    // A console may show anything, passwords too.
    const modes = [await stat(folder), await stat(kept)].map((one) => one.mode & 0o777);
    assert.deepEqual(modes, [0o700, 0o600]);
    assert.equal((await instanceOf(host)).current.version, "1.0");
  });

  it("is taken back when it is interrupted", async () => {
    await addChannel();
    const interrupt = new AbortController();
    const opened = await host.open();
    const context = { ...opened.context, signal: interrupt.signal };
    const start = async (vm: string): Promise<void> => {
      await host.libvirt.startDomain(vm);
      interrupt.abort();
    };
    const before = await host.files();
    const libvirt = { ...opened.libvirt, startDomain: start };
    await assert.rejects(
      update({ kind: "agent" }, 60, {
        ...opened,
        context,
        libvirt: { ...libvirt, pingAgent: async () => false },
      }),
      { code: "LIB_INTERRUPTED" },
    );
    assert.deepEqual(await host.files(), before);
    assert.deepEqual(await host.libvirt.listDomains(), [{ name: "vm1", isActive: false }]);
  });

  it("is asked to shut down before its power is cut, and loses it at once when it cannot react", async () => {
    for (const isRefused of [false, true]) {
      const labels: string[] = [];
      const opened = await host.open({ before: (label) => void labels.push(label) });
      const shutdownDomain = async (vm: string): Promise<void> => {
        labels.push("asked");
        if (isRefused) throw new ApplianceError("LIBVIRT_FAILED", "libvirt: ACPI is off");
        await opened.uninterruptible.libvirt.shutdownDomain(vm);
      };
      const { libvirt } = opened.uninterruptible;
      const uninterruptible = {
        ...opened.uninterruptible,
        libvirt: { ...libvirt, shutdownDomain },
      };
      const check = { kind: "command", command: "false" } as const;
      await failure(update(check, 0.1, { ...opened, uninterruptible }));
      const power = labels.filter((label) => /^asked|virsh (?:start|destroy|define)/.test(label));
      assert.deepEqual(power, [
        "virsh define",
        "virsh start vm1",
        "asked",
        "virsh destroy vm1",
        "virsh define",
      ]);
    }
  });
});
