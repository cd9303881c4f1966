import assert from "node:assert/strict";
import type { RunResult } from "../../src/lib/exec.ts";
import { installMute } from "../fixtures/host-guests.ts";
import { openVmHost, type VmHost } from "../fixtures/vm-host.ts";

const DISKS = "/var/lib/libvirt/images";
const STATE = "/var/lib/virt-appliance";
const OPTIONS = ["--virt-type", "qemu", "--network", "none"] as const;

describe("two at once on a host", () => {
  let testHost: VmHost;
  before(async () => {
    testHost = await openVmHost(["1.0", "1.1"], "package");
    await testHost.host.sh("dnf -y -q install hello-appliance-1.0");
    await installMute(testHost);
  });
  after(() => testHost[Symbol.asyncDispose]());

  /** Starts the program as a shell with a terminal does: as the head of a new process group. */
  const start = (...args: string[]): Promise<RunResult> =>
    testHost.host.run(["setsid", "--wait", "virt-appliance", ...args], { accept: "any" });
  /** Waits until there is a process with this command line, and returns its number. */
  const pidOf = async (commandLine: string): Promise<string> => {
    const { stdout } = await testHost.host.sh(
      'until pgrep -o -f -- "$1"; do sleep 0.05; done',
      // A class, or the shell that looks for it would be found.
      commandLine.replace(/^./, "[$&]"),
    );
    return stdout.trim();
  };
  /** The lock is handed to flock as an open file: there is no name of it on its command line. */
  const waits = (): Promise<string> => pidOf("flock --wait .* /proc/[0-9]+/fd/");
  /** Types Ctrl-C: the signal reaches the program, and every program that it runs. */
  const interrupt = async (pid: string): Promise<void> =>
    void (await testHost.host.sh('kill -INT "-$1"', pid));
  /** What an operation on vm1 could change. */
  const facts = async (): Promise<string> => {
    const { stdout } = await testHost.host.sh(`
      cd ${DISKS} && ls; stat -c '%n %s %y %i' vm1-*; virsh -q domstate vm1
      virsh -q dumpxml --inactive --security-info vm1`);
    return stdout;
  };
  const journal = async (): Promise<readonly string[]> => {
    const { stdout } = await testHost.host.sh(`ls ${STATE}/journal`);
    return stdout.split("\n").flatMap((name) => name.split("-")[1] ?? []);
  };

  it("wait for one another on a VM, say for whom, and can be interrupted", async () => {
    const { host, virtAppliance } = testHost;
    await virtAppliance(["create", "mute", "vm1", ...OPTIONS, "--graphics", "none"]);
    const before = await facts();
    // There is nothing in it that would hear that it is asked to shut down.
    const first = start("export", "vm1", "-o", "/srv/out", "--stop", "--stop-timeout", "100s");
    await host.sh(`until [ -n "$(ls ${STATE}/journal 2>/dev/null)" ]; do sleep 0.05; done`);
    const firstPid = await pidOf("node .* export vm1 ");

    const second = start("grow", "vm1", "vda", "+1M");
    await waits();
    await interrupt(await pidOf("node .* grow vm1 vda"));
    const interrupted = await second;
    assert.equal(interrupted.exitCode, 130, interrupted.stderr);
    const holder = `process ${firstPid} on \\S+ since \\S+ \\(export vm1\\)`;
    assert.match(interrupted.stderr, new RegExp(`^waiting for ${holder}$`, "m"));
    assert.equal(interrupted.stdout, "");
    assert.equal(await facts(), before);
    assert.deepEqual(await journal(), ["export"]);

    const third = start("grow", "vm1", "vda", "+1M");
    await waits();
    await interrupt(firstPid);
    const undone = await first;
    assert.equal(undone.exitCode, 130, undone.stderr);
    const grown = await third;
    assert.equal(grown.exitCode, 0, grown.stderr);
    assert.equal(grown.stdout, "vm1 system.raw 1.0 MiB -> 2.0 MiB\n");
    assert.deepEqual(await journal(), []);
    const { stdout } = await host.sh("virsh -q domstate vm1; find /srv -maxdepth 1 -name '*out*'");
    assert.equal(stdout.trim(), "running");
    await host.sh("virsh -q destroy vm1");
  });

  it("wait for a transaction of dnf only where both change the same", async () => {
    const { host, virtAppliance } = testHost;
    // The transaction stands still where it writes to the system log.
    await host.sh(`
      mv /usr/bin/logger /usr/bin/logger-for-real
      printf '%s\\n' '#!/bin/sh' 'while [ -e /tmp/hold ]; do sleep 0.05; done' \\
        'exec /usr/bin/logger-for-real "$@"' >/usr/bin/logger
      chmod 755 /usr/bin/logger
      touch /tmp/hold`);
    const dnf = host.run(["dnf", "-y", "-q", "install", "hello-appliance-1.1"]);
    await pidOf("/bin/sh /.*bin/logger -t virt-appliance");
    const reconcilePid = await pidOf("/bin/sh /usr/libexec/virt-appliance/reconcile");

    const install = start("install", "/srv/built/hello-1.0.tar.gz", "--release", "7");
    await waits();
    const { stdout } = await virtAppliance([
      "create",
      "hello-1.0",
      "vm2",
      ...OPTIONS,
      "--no-start",
    ]);
    assert.equal(stdout, "vm2\n");
    await host.sh("rm /tmp/hold");
    const { stderr } = await dnf;
    assert.doesNotMatch(stderr, /scriptlet|virt-appliance/i);
    const installed = await install;
    assert.equal(installed.stdout, "hello-appliance-1.0-7\n", installed.stderr);
    const holder = `process ${reconcilePid} on \\S+ since \\S+ \\(reconcile\\)`;
    assert.match(installed.stderr, new RegExp(`^waiting for ${holder}$`, "m"));
    await host.sh("mv /usr/bin/logger-for-real /usr/bin/logger");
    const list = await virtAppliance(["list"]);
    for (const version of ["1.0-1", "1.0-7", "1.1-1"])
      assert.match(list.stdout, new RegExp(`^hello +${version} .* ready `, "m"));
  });
});
