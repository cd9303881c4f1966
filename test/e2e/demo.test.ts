import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { temporaryFolder } from "../support/temporary.ts";

const ROOT = path.join(import.meta.dirname, "../..");

interface DemoRun {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs the demo with its own temporary folder; interrupts it when its output matches. */
async function runDemo(folder: string, interruptAt?: RegExp): Promise<DemoRun> {
  const child = spawn(process.execPath, ["--import", "tsx", "examples/demo/main.ts"], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: folder, LC_ALL: "C.UTF-8" },
    stdio: ["ignore", "pipe", "pipe"],
    // Its own process group, so that an interruption reaches all of it, as Ctrl-C on a terminal does.
    detached: true,
  });
  let output = "";
  let interrupted = false;
  const hear = (chunk: Buffer): void => {
    output += chunk.toString("utf8");
    if (interruptAt?.test(output) === true && !interrupted) {
      interrupted = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
    }
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { exitCode, output };
}

/** What is left in the folder beside tsx's own cache. */
async function filesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith("tsx-"));
}

/** Processes that work in the folder, or whose mounts are below it: all that a demo could leave. */
async function leftovers(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const read = (name: string): Promise<string> =>
      readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
    const command = (await read("cmdline")).replaceAll("\0", " ");
    if ((await read("mountinfo")).includes(folder) || command.includes(folder)) found.push(command);
  }
  return found;
}

describe("the demo", () => {
  const folder = temporaryFolder({ per: "test" });
  before(async () => {
    if (process.env["VIRT_APPLIANCE"] !== undefined) return;
    const built = await readdir(path.join(ROOT, "dist/cli")).catch((): string[] => []);
    assert.ok(built.includes("main.js"), "dist/cli/main.js is missing: run make build first");
  });
  it("goes from a tarball to a VM that is updated and outlives its package, and leaves nothing behind", async () => {
    const { exitCode, output } = await runDemo(folder);
    assert.equal(exitCode, 0, output);
    const lines = output.split("\n");
    for (let step = 1; step <= 10; step += 1) {
      const told = lines.filter((line) => line.startsWith(`[${step}/10] `));
      assert.equal(told.length, 1, output);
      assert.match(told[0] ?? "", / \d+\.\d s$/);
    }
    const consoles = lines.filter((line) => line.includes("console of vm"));
    assert.deepEqual(
      consoles.map((line) => line.trim()),
      [
        ...[1, 2, 3].map((boots) => `console of vm1: hello-appliance 1.0 boot ${boots}`),
        "console of vm2: hello-appliance 1.0 boot 1",
        ...[2, 3, 4].map((boots) => `console of vm2: hello-appliance 1.1 boot ${boots}`),
      ],
    );
    for (const fact of [
      /gpgcheck=1 and repo_gpgcheck=1/,
      /# dnf -y install hello-appliance\n\s+hello-appliance-1\.0-1\.x86_64/,
      /# yum -y install hello-raw-appliance/,
      /postinstall scriptlet/,
      /hello-appliance-1\.0-1-system\.qcow2/,
      /kept raw and expanded sparse: ls says 512 MiB, du says \d\d\.\d MiB/,
      /# virt-install --osinfo list \| grep hello\n\s+.*hello1\.0/,
      /# virsh vol-list appliances/,
      /installed: hello-appliance-1\.0-1 and hello-appliance-1\.1-1/,
      /installed: hello-appliance-1\.1-1\n/,
      /still in the pool: .*hello-appliance-1\.0-1-system\.qcow2/,
      /# virt-appliance vms\n.*\n\s+vm2 .* 1\.1-1 available/,
      /# virt-appliance update vm2 .*\n\s+vm2 1\.0-1 -> 1\.1-1\n/,
      /vm2-system\.qcow2 is deleted \(/,
      /vm2: did not come up: its console did not print .* within/,
      /it was rolled back to 1\.1-1/,
      /5 bases, .*: removed/,
    ]) {
      assert.match(output, fact);
    }
    assert.deepEqual(await filesIn(folder), []);
    assert.deepEqual(await leftovers(folder), []);
  });

  for (const { moment, pattern } of [
    { moment: "while packages are built", pattern: /\[1\/10\]/ },
    { moment: "while a VM runs", pattern: /\[4\/10\]/ },
  ]) {
    it(`leaves nothing behind when it is interrupted ${moment}`, async () => {
      const { exitCode, output } = await runDemo(folder, pattern);
      assert.equal(exitCode, 130, output);
      assert.match(output, /interrupted/);
      assert.deepEqual(await filesIn(folder), []);
      assert.deepEqual(await leftovers(folder), []);
    });
  }
});
