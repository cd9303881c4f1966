import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { openSimulatedHost } from "../../examples/simulated-host/simulated-host.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** Mounts of this process that lie below a folder. */
async function mountsBelow(folder: string): Promise<string[]> {
  const mounts = await readFile("/proc/self/mounts", "utf8");
  return mounts.split("\n").filter((line) => line.includes(folder));
}

/** Processes that can be seen here whose command line names a text. */
function processesNaming(text: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    return existsSync(`/proc/${pid}/root${text}`);
  });
}

describe("simulated host", () => {
  const folder = temporaryFolder({ per: "test" });
  it("keeps files, processes and mounts to itself, and leaves none", async () => {
    const mark = `/etc/${path.basename(folder)}`;
    const host = await openSimulatedHost(testContext({ temporaryFolder: folder }));
    try {
      await host.writeText(mark, "inside\n");
      await host.sh("sleep 1000 >/dev/null 2>&1 & mount -t tmpfs x /mnt");
      assert.equal(await host.readText(mark), "inside\n");
      assert.equal(existsSync(mark), false);
      assert.deepEqual(await mountsBelow(folder), []);
      assert.notDeepEqual(processesNaming(mark), []);
    } finally {
      await host.dispose();
    }
    assert.deepEqual(processesNaming(mark), []);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("buries what daemons leave to its first process: libvirt waits for QEMU to be gone", async () => {
    await using host = await openSimulatedHost(testContext({ temporaryFolder: folder }));
    const { stdout } = await host.sh("(sleep 0.1 &); sleep 0.5; ps -eo stat,args");
    assert.doesNotMatch(stdout, /^Z/m);
  });

  it("prepares itself and not the outside", async () => {
    const touched = ["/etc/rpm", "/etc/dnf/dnf.conf", "/etc/libvirt/qemu.conf", "/var/lib/rpm"];
    const looks = (): readonly string[] =>
      touched.map((file) => String(lstatSync(file, { throwIfNoEntry: false })?.ctimeMs));
    const before = looks();
    await using host = await openSimulatedHost(testContext({ temporaryFolder: folder }));
    assert.match((await host.sh("rpm -qa")).stdout, /^debian-stand-in-/);
    assert.deepEqual(looks(), before);
  });

  it("returns status, output and error of a command, and ends one that takes too long", async () => {
    await using host = await openSimulatedHost(testContext({ temporaryFolder: folder }));
    const answer = await host.run(["sh", "-c", "cat; echo bad >&2; exit 7"], {
      input: "in",
      accept: [7],
    });
    assert.deepEqual(answer, { exitCode: 7, stdout: "in", stderr: "bad\n" });
    await assert.rejects(host.run(["sleep", "100"], { timeoutMs: 100 }), /status 124/);
  });

  it("asks a command to end when it is interrupted, and waits for what that has to clean up", async () => {
    const controller = new AbortController();
    const context = testContext({ temporaryFolder: folder, signal: controller.signal });
    await using host = await openSimulatedHost(context);
    const command = 'trap "echo cleaned >/clean; exit 1" TERM; echo ready >/ready; sleep 60 & wait';
    const start = performance.now();
    const running = assert.rejects(host.run(["sh", "-c", command]), { code: "LIB_INTERRUPTED" });
    while (!existsSync(`${host.root}/ready`)) await sleep(20);
    controller.abort();
    await running;
    assert.ok(performance.now() - start < 20_000);
    assert.equal(readFileSync(`${host.root}/clean`, "utf8"), "cleaned\n");
  });

  it("shows shared folders read-only and live", async () => {
    await using host = await openSimulatedHost(testContext({ temporaryFolder: folder }), {
      shares: { "/srv/shared": folder },
    });
    await assert.rejects(host.sh("touch /srv/shared/x"), /LIB_EXEC_FAILED|status 1/);
  });

  it("vanishes when the program that opened it is killed, and the next one sweeps up", async () => {
    const mark = `/etc/${path.basename(folder)}`;
    const program = `
      import { openSimulatedHost } from "./examples/simulated-host/simulated-host.ts";
      import { testContext } from "./test/support/context.ts";
      const host = await openSimulatedHost(testContext({ temporaryFolder: ${JSON.stringify(folder)} }));
      await host.sh("sleep 1000 >/dev/null 2>&1 & echo > ${mark}");
      console.log("open");
      await host.sh("sleep 1000");`;
    const child = spawn(process.execPath, ["--import=tsx", "--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface(child.stdout)) if (line === "open") break;
    const inside = processesNaming(mark);
    assert.notDeepEqual(inside, []);
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    while (inside.some((pid) => existsSync(`/proc/${pid}`))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(readdirSync(folder).length, 1);
    await (await openSimulatedHost(testContext({ temporaryFolder: folder }))).dispose();
    assert.deepEqual(readdirSync(folder), []);
  });
});
