import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { lstat, mkdir, readdir, readFile, readlink } from "node:fs/promises";
import path from "node:path";
import { lastingProgram } from "./bundled-program.ts";
import { openFolder, type OpenFolder } from "./temporary.ts";

/** No run of the program takes as long, on a machine of any load. */
const TIME_LIMIT_MS = 240_000;

/** What the bundled program is run with. */
export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** What can be read from descriptor 3. */
  readonly descriptor3?: string;
  /** Without the right of root to pass over permissions. */
  readonly asMortal?: boolean;
  /** Called when the program handles signals. */
  readonly whileRunning?: (child: ChildProcess) => Promise<void>;
}

/** What became of a run. */
export interface Outcome {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A folder in which the bundled program runs as a user runs it: `cwd` is its working folder, `tmp` its TMPDIR, `home` its
 * HOME. Everything that it could leave is inside.
 */
export class Sandbox implements AsyncDisposable {
  readonly root: string;
  readonly #folder: OpenFolder;
  readonly #program: string;

  private constructor(folder: OpenFolder, program: string) {
    this.root = folder.path;
    this.#folder = folder;
    this.#program = program;
  }

  static async open(): Promise<Sandbox> {
    const sandbox = new Sandbox(await openFolder(), await lastingProgram());
    for (const name of ["cwd", "tmp", "home"]) await mkdir(path.join(sandbox.root, name));
    return sandbox;
  }

  /** Returns the absolute path of a name in the working folder. */
  path(...names: readonly string[]): string {
    return path.join(this.root, "cwd", ...names);
  }

  /** Runs the program in its own process group. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const command = [process.execPath, this.#program, ...args];
    const drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];
    const isMortal = process.getuid?.() !== 0;
    const dropping = options.asMortal === true && !isMortal;
    const [file = "", ...rest] = dropping ? [...drop, ...command] : command;
    const child = spawn(file, rest, {
      cwd: this.path(),
      env: {
        PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin",
        HOME: path.join(this.root, "home"),
        TMPDIR: path.join(this.root, "tmp"),
        ...options.environment,
      },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      detached: true,
    });
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const given = child.stdio[3];
    if (given !== null && given !== undefined && "end" in given) {
      given.on("error", () => {});
      given.end(options.descriptor3);
    }
    const closed = once(child, "close");
    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, TIME_LIMIT_MS);
    if (options.whileRunning !== undefined) {
      await handlesSignals(child);
      await options.whileRunning(child);
    }
    await closed;
    clearTimeout(limit);
    if (isLate) assert.fail(`${args.join(" ")}: still runs after ${TIME_LIMIT_MS} ms\n${stderr}`);
    return { status: child.exitCode, stdout, stderr };
  }

  /**
   * Returns everything that is here, each with what changes when it is touched. The text in a lock file names the
   * process that held it last.
   */
  async contents(): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const names = await readdir(this.root, { recursive: true });
    for (const name of names.sort()) {
      const stats = await lstat(path.join(this.root, name));
      const facts = [stats.mode.toString(8), stats.ino, stats.nlink];
      const isLock = name.endsWith("/.virt-appliance/lock");
      if (!stats.isDirectory() && !isLock) facts.push(stats.size, stats.mtimeMs);
      found.set(name, facts.join(" "));
    }
    return found;
  }

  /** Returns the processes that work here. */
  async processes(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const pid of await readdir("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
      if (cwd.startsWith(this.root)) found.push(pid);
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Waits until a process has taken SIGINT over, as /proc tells, or has ended. */
async function handlesSignals(child: ChildProcess): Promise<void> {
  await until(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return true;
    const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
    const caught = BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
    return (caught & 2n) !== 0n;
  });
}

/** Asks again and again, without resting for long, until the answer is yes. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 240_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) assert.fail("waited for four minutes in vain");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** How a command line is refused. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  /** Of the message: file, place, expected and found. */
  readonly message: RegExp;
  readonly hint?: RegExp;
  /** Expected standard output. Default: nothing. */
  readonly stdout?: RegExp;
}

/** Checks that what a run said can be shown to a user. */
export function assertReadable({ stderr }: Outcome): void {
  assert.doesNotMatch(stderr, /internal error|^ {4}at |node:internal|\bundefined\b|\bNaN\b/m);
  // eslint-disable-next-line no-control-regex -- control characters are what is searched for
  assert.doesNotMatch(stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
}

/**
 * Runs the program on bad input and checks everything that is promised for it: exit status, code, message, hint; no
 * result; and that nothing in the whole sandbox came, went or was touched.
 */
export async function assertRefused(
  sandbox: Sandbox,
  args: readonly string[],
  expected: Refusal,
  options: RunOptions = {},
): Promise<void> {
  const before = await sandbox.contents();
  const outcome = await sandbox.run(args, options);
  const { status, stdout, stderr } = outcome;
  const said = `${args.join(" ")}\n${stderr}`;
  assert.equal(status, expected.status, said);
  assertReadable(outcome);
  assert.match(stderr, /^virt-appliance: /m);
  const report = stderr.slice(stderr.search(/^virt-appliance: /m));
  assert.match(report, expected.message, said);
  assert.ok(report.trimEnd().endsWith(`  [${expected.code}]`), said);
  if (expected.hint !== undefined) {
    assert.match(/^ {2}hint: (.*) {2}\[/m.exec(report)?.[1] ?? "no hint", expected.hint, said);
  }
  if (expected.stdout === undefined) assert.equal(stdout, "", said);
  else assert.match(stdout, expected.stdout, said);
  assert.deepEqual([...(await sandbox.contents())], [...before], said);
  // What was ended may need a moment to go.
  await until(async () => (await sandbox.processes()).length === 0);
}
