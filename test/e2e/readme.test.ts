import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, mkdir, readFile, symlink } from "node:fs/promises";
import { connect } from "node:net";
import path from "node:path";
import {
  openSimulatedHost,
  type SimulatedHost,
} from "../../examples/simulated-host/simulated-host.ts";
import { testContext } from "../support/context.ts";
import { missingLine, readmeBlocks, type ReadmeCommand } from "../support/readme-blocks.ts";
import { temporaryFolder } from "../support/temporary.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const MARK = "--- end of the command, status ";

/** A shell that is kept open, so that a command can run in the background of the next. */
class Shell {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = "";

  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn("bash", ["--norc"], { cwd: folder, env, detached: true });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on("data", (chunk: Buffer) => (this.#output += chunk.toString("utf8")));
    }
  }

  /** Runs a command and returns its status and what it printed on both streams. */
  async run(command: string): Promise<{ readonly status: number; readonly output: string }> {
    this.#output = "";
    this.#child.stdin.write(`{ ${command}\n} 2>&1; echo; echo "${MARK}$?"\n`);
    for (;;) {
      const end = new RegExp(`\n${MARK}(\\d+)\n`).exec(this.#output);
      if (end !== null) return { status: Number(end[1]), output: this.#output.slice(0, end.index) };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends it, with what it left in the background. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("close", resolve));
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, "SIGTERM");
    this.#child.stdin.end();
    await ended;
  }
}

/** Waits for a server that a command started in the background. */
async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = connect(port, "127.0.0.1");
    const event = await Promise.race([
      once(socket, "connect").then(() => "connected"),
      once(socket, "error").catch(() => "refused"),
    ]).catch(() => "refused");
    socket.destroy();
    if (event === "connected") return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`nothing listens on port ${port}`);
}

/** Pages whose commands are run, in this order: each may go on where the one before ended. */
const PAGES = ["README.md", "docs/descriptor.md", "docs/host.md", "docs/recipes.md"];

describe("the README and the pages that go on from it", () => {
  const folder = temporaryFolder();
  let shell: Shell;
  let host: SimulatedHost;

  before(async () => {
    await mkdir(path.join(folder, "bin"));
    const program = path.join(ROOT, "dist/cli/main.js");
    await chmod(program, 0o755);
    await symlink(program, path.join(folder, "bin/virt-appliance"));
    await copyFile(
      path.join(ROOT, "test/fixtures/kvm-host-capabilities.xml"),
      path.join(folder, "kvm-host.xml"),
    );
    await symlink(path.join(ROOT, "examples"), path.join(folder, "examples"));
    shell = new Shell(folder, {
      PATH: `${path.join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
      HOME: folder,
      LC_ALL: "C.UTF-8",
    });
    host = await openSimulatedHost(testContext());
    await host.startLibvirt();
    // The tree of Fedora that the recipe is installed from, as far as it is looked at before that.
    await host.writeText(
      "/srv/fedora/.treeinfo",
      "[general]\nfamily = Fedora\nversion = 40\narch = x86_64\n[images-x86_64]\nkernel = vmlinuz\ninitrd = initrd.img\n",
    );
    for (const name of ["vmlinuz", "initrd.img"]) await host.writeText(`/srv/fedora/${name}`, "");
  });
  after(async () => {
    await host.dispose();
    await shell.close();
  });

  async function onHost(command: string): Promise<{ status: number; output: string }> {
    const { exitCode, stdout, stderr } = await host.run(["bash", "-c", command], { accept: "any" });
    return { status: exitCode, output: stdout + stderr };
  }

  async function check(
    page: string,
    place: "builder" | "host",
    { command, line, output }: ReadmeCommand,
  ): Promise<void> {
    const result = place === "builder" ? await shell.run(command) : await onHost(command);
    const port = /--port (\d+).*&$/.exec(command)?.[1];
    if (port !== undefined) await untilListening(Number(port));
    const where = `${page}:${line}: ${command}\n${result.output}`;
    assert.equal(result.status, 0, where);
    assert.equal(missingLine(output, result.output), undefined, where);
  }

  for (const page of PAGES) {
    it(`show commands that work, with the output that they print: ${page}`, async () => {
      const blocks = readmeBlocks(await readFile(path.join(ROOT, page), "utf8"));
      assert.notEqual(blocks.length, 0);
      for (const block of blocks)
        for (const command of block.commands) await check(page, block.place, command);
    });
  }

  it("says how the program gets on the PATH", async () => {
    const text = await readFile(path.join(ROOT, "README.md"), "utf8");
    assert.ok(text.includes("`npm install --global .`"));
    const install = `npm install --global --prefix "$HOME/npm" --loglevel=error '${ROOT}'`;
    const { status, output } = await shell.run(
      `${install} && "$HOME/npm/bin/virt-appliance" --version`,
    );
    assert.equal(status, 0, output);
  });

  it("names the two commands of a newcomer, and nothing else to be done before them", async () => {
    const text = await readFile(path.join(ROOT, "README.md"), "utf8");
    assert.match(text, /```sh\nmake demo\nmake test\n```/);
  });
});
