import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, rm, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ApplianceError } from "../../src/errors.ts";

const PREFIX = "virt-appliance-host-";
const INIT = fileURLToPath(new URL("init.sh", import.meta.url));
/** How long the namespace may take to end once its standard input is closed. */
const END_TIMEOUT_MS = 10_000;

/** A running namespace with its own root, which is a throw-away copy of the real one. */
export interface Namespace {
  /** Process id of its first process, seen from outside: what nsenter needs. */
  readonly pid: number;
  /** Ends it; may be called again. */
  readonly end: () => Promise<void>;
}

/** How a namespace is made. */
export interface NamespaceOptions {
  /** Folder in which an empty folder is made as mount point. */
  readonly parent: string;
  /** Upper limit of the files that the host writes, in the syntax of tmpfs: `4g`. */
  readonly size: string;
  /** Folders outside by their path in the host, read-only and live. */
  readonly shares: Readonly<Record<string, string>>;
  /** The root that it copies (default: the real root). */
  readonly lower?: string;
  /** Whether it has its own network, with only a loopback that is down. Default: it shares the real network. */
  readonly ownNetwork?: boolean;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Removes mount points of ended processes; their mounts ended with them. */
async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^virt-appliance-host-(\d+)-/.exec(name)?.[1];
    // rmdir and not rm: seen from outside, such a folder is empty, or something else uses it.
    if (pid !== undefined && !isAlive(Number(pid))) {
      await rmdir(path.join(parent, name)).catch(() => undefined);
    }
  }
}

/** Returns the first process's id outside once the namespace is ready; rejects with its output otherwise. */
function untilReady(child: ChildProcess): Promise<number> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new TypeError("namespace without pipes");
  return new Promise((resolve, reject) => {
    let pid: number | undefined;
    let said = "";
    stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
    createInterface(stdout).on("line", (line) => {
      if (pid === undefined) pid = Number(line);
      else if (line === "ready") resolve(pid);
    });
    child.once("error", reject);
    child.once("close", (status) => {
      reject(
        new ApplianceError(
          "LIB_EXEC_FAILED",
          `simulated host: ended with ${status ?? "a signal"}`,
          {
            hint: "it needs root, and a kernel that allows mount namespaces and overlay mounts",
            details: said.trim().split("\n").slice(-20),
          },
        ),
      );
    });
  });
}

/** Commands in a host remove and rewrite system files, so they must never run in the real root. */
async function refuseRealRoot(pid: number): Promise<void> {
  const [inside, outside] = await Promise.all([stat(`/proc/${pid}/root/`), stat("/")]);
  if (inside.dev === outside.dev) {
    throw new ApplianceError("LIB_EXEC_FAILED", "simulated host: its root is the real root");
  }
}

/** Starts a namespace. Its processes end when it is disposed of, or when this process ends in any way. */
export async function openNamespace(options: NamespaceOptions): Promise<Namespace> {
  await removeStale(options.parent);
  const state = await mkdtemp(path.join(options.parent, `${PREFIX}${process.pid}-`));
  const lower = options.lower ?? "/";
  const shares = Object.entries(options.shares).flatMap(([inside, outside]) => [outside, inside]);
  const flags = ["--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"];
  if (options.ownNetwork === true) flags.push("--net");
  // The namespace ends with its standard input: the kernel closes this end of the pipe however this process ends.
  // Detached, so that Ctrl-C reaches this process alone, which then ends the host in order.
  const child = spawn("unshare", [...flags, "sh", INIT, state, options.size, lower, ...shares], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" },
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const end = async (): Promise<void> => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), END_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
    await rm(state, { recursive: true, force: true });
  };
  try {
    const pid = await untilReady(child);
    await refuseRealRoot(pid);
    return { pid, end };
  } catch (error) {
    await end();
    throw error;
  }
}
