import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import {
  openSimulatedHost,
  type SimulatedHost,
} from "../../examples/simulated-host/simulated-host.ts";
import { buildAppliance } from "../../src/pipeline/index.ts";
import { descriptorOf, writeAppliance } from "../fixtures/appliance-folder.ts";
import { type BundledProgram, openBundledProgram } from "../support/bundled-program.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../fixtures/signing-key.ts";

const MIB = 1024 * 1024;
/** How long `list` may take. */
const LIST_MS = 200;

async function buildWeb(folder: string): Promise<string> {
  const source = path.join(folder, "web");
  await writeAppliance(source, descriptorOf([{ file: "system.raw", sizeMib: 4 }]), {
    "system.raw": Buffer.alloc(4 * MIB, "disk"),
  });
  const { signer } = await testKey();
  const options = {
    outputFolder: path.join(folder, "built"),
    package: { buildTimeSeconds: 1_767_225_600 },
    images: { keepRaw: false, compression: "zstd" },
    signer,
  } as const;
  return (await buildAppliance(source, options, testContext())).path;
}

/** Types at an interactive bash of the host and answers all that the terminal showed. */
async function type(host: SimulatedHost, keys: string): Promise<string> {
  const start = "bash --norc --noprofile -i";
  const load = "source /usr/share/bash-completion/completions/virt-appliance\n";
  const argv = ["script", "--quiet", "--return", "--command", start, "/dev/null"];
  const env = { TERM: "dumb", INPUTRC: "/dev/null" };
  const { stdout } = await host.run(argv, { input: `${load}${keys}\nexit 0\n`, env });
  return stdout;
}

describe("virt-appliance from a repository", () => {
  let program: BundledProgram;
  let server: ChildProcess;
  let host: SimulatedHost;

  before(async () => {
    program = await openBundledProgram();
    const repository = path.join(program.folder, "repository");
    const web = await buildWeb(program.folder);
    const key = ["--key", "test", "--keys", (await testKey()).folder];
    const names = ["--name", "demo", "--base-url", "https://example.com/demo"];
    await program.run("repo", "init", repository, ...names, ...key, "--with", web);
    const serve = [program.main, "repo", "serve", repository, "--port", "0", "--quiet"];
    server = spawn(process.execPath, serve, { stdio: ["ignore", "pipe", "inherit"] });
    assert.ok(server.stdout !== null);
    const [url]: string[] = await once(createInterface(server.stdout), "line");
    host = await openSimulatedHost(testContext());
    const repoFile = await (await fetch(`${url ?? ""}/demo.repo`)).text();
    await host.writeText("/etc/yum.repos.d/demo.repo", repoFile);
  });
  after(async () => {
    await host.dispose();
    const ended = once(server, "exit");
    server.kill("SIGINT");
    await ended;
    await program[Symbol.asyncDispose]();
  });

  const dnf = (...args: string[]): Promise<unknown> => host.run(["dnf", "-q", "-y", ...args]);
  const installed = async (): Promise<readonly string[]> => {
    const { stdout } = await host.run(["rpm", "-qa", "--qf", "%{name}\\n"]);
    const names = stdout.split("\n").filter((name) => /^(web|virt)-appliance/.test(name));
    return names.sort();
  };
  const say = async (...args: string[]): Promise<string> =>
    (await host.run(["virt-appliance", ...args])).stdout;

  it("comes and goes with an appliance that recommends it", async () => {
    await dnf("install", "web-appliance");
    assert.deepEqual(await installed(), ["virt-appliance", "virt-appliance-host", "web-appliance"]);
    await dnf("remove", "web-appliance");
    assert.deepEqual(await installed(), []);
  });

  it("is kept when it was installed by name and the last appliance is removed", async () => {
    await dnf("install", "virt-appliance", "web-appliance");
    const [web]: { name: string; version: string }[] = JSON.parse(await say("list", "--json"));
    assert.deepEqual([web?.name, web?.version], ["web", "1.0"]);
    await dnf("remove", "web-appliance");
    assert.deepEqual(await installed(), ["virt-appliance", "virt-appliance-host"]);
    assert.deepEqual(JSON.parse(await say("list", "--json")), []);
    await dnf("install", "web-appliance");
  });

  it("is whole: rpm -V, and the version of its package", async () => {
    assert.equal((await host.run(["rpm", "-V", "virt-appliance"])).stdout, "");
    const { stdout } = await host.run(["rpm", "-q", "--qf", "%{version}\\n", "virt-appliance"]);
    assert.equal(await say("--version"), stdout);
  });

  it("lists what is installed in the blink of an eye", async () => {
    // Wall clock, ahead of whatever else uses the machine where that is allowed; the best of many, as soon as it is good.
    const { stdout } = await host.run([
      "bash",
      "-c",
      `TIMEFORMAT=%R
      ahead='chrt --fifo 50'
      $ahead true 2>/dev/null || ahead=
      for n in {1..40}; do
        seconds=$({ time $ahead virt-appliance list >/dev/null; } 2>&1)
        echo $seconds
        if [[ $seconds < $1 ]]; then break; fi
      done`,
      "bash",
      String(LIST_MS / 1000),
    ]);
    const runs = stdout.trim().split("\n").map(Number);
    const best = Math.min(...runs) * 1000;
    console.log(`      list, best of ${runs.length}: ${best.toFixed(0)} ms`);
    assert.ok(best < LIST_MS, stdout);
  });

  it("has a manual page that man renders", async () => {
    const page = "/usr/share/man/man1/virt-appliance.1.gz";
    const { stdout, stderr } = await host.run(["man", "--warnings", "-l", page]);
    assert.equal(stderr, "");
    assert.match(stdout, /^NAME\n +virt-appliance - /m);
    assert.match(stdout, /^ {3}create\n/m);
  });

  it("completes in an interactive bash", async () => {
    assert.match(await type(host, "virt-appliance ver\t--all"), /virt-appliance verify --all/);
    assert.match(await type(host, "virt-appliance create web-1.0-\tvm1"), /create web-1\.0-1 vm1/);
    assert.match(await type(host, "virt-appliance build /etc/host.c\t"), /build \/etc\/host\.conf/);
  });

  it("enables recover at boot, and not the timer of gc", async () => {
    const units = ["recover.service", "gc.timer"].map((name) => `virt-appliance-${name}`);
    const states = await host.run(["systemctl", "is-enabled", ...units], { accept: [1] });
    assert.deepEqual(states.stdout.trim().split("\n"), ["enabled", "disabled"]);
    const { stdout } = await host.sh(
      "rpm -ql virt-appliance | grep '^/usr/lib/systemd/system/' | xargs systemd-analyze verify 2>&1",
    );
    const faults = stdout.split("\n").filter((line) => line.includes("virt-appliance"));
    assert.deepEqual(faults, []);
  });

  it("refuses a node that is too old, with one clear message", async () => {
    await host.sh("mv /usr/bin/node /usr/bin/node-20 && echo 'echo v18.20.8' >/usr/bin/node");
    await host.sh("chmod 755 /usr/bin/node");
    const { exitCode, stderr } = await host.run(["virt-appliance", "list"], { accept: [4] });
    await host.sh("mv /usr/bin/node-20 /usr/bin/node");
    assert.equal(exitCode, 4);
    assert.match(stderr, /^virt-appliance: \/usr\/bin\/node: version 18\.20\.8 found, 20\.19/);
  });

  it("leaves nothing of its own behind, and all that it made", async () => {
    await dnf("remove", "virt-appliance");
    assert.deepEqual(await installed(), ["virt-appliance-host", "web-appliance"]);
    const { stdout } = await host.sh(`
      find /usr/bin /usr/share/man /usr/share/bash-completion /usr/share/licenses /usr/share/virt-appliance \\
        /usr/lib/systemd /etc/systemd -path '*virt-appliance*' -not -path '*virt-appliance-host*' \\
        -not -name virt-appliance-reconcile.service -not -path '/usr/share/virt-appliance/catalog.d*' \\
        -not -path /usr/share/virt-appliance |
        while read -r file; do rpm -q --quiet -f "$file" || echo "$file"; done
      ls /var/lib/libvirt/images/appliances/base`);
    assert.equal(stdout, "web-appliance-1.0-1-system.qcow2\n");
  });
});
