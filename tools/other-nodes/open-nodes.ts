import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const LISTS = ["package.json", "package-lock.json"];
const execute = promisify(execFile);

/** A Node version that the tests are run on. */
export interface NodeVersion {
  readonly major: string;
  /** Path of its binary; PATH of what runs on it begins with the binary's folder. */
  readonly binary: string;
}

/** Returns the folder for a list of packages: below the user's cache, not in the tree, and another for another list. */
function cacheFolder(lock: string): string {
  const cache = process.env["XDG_CACHE_HOME"] ?? path.join(os.homedir(), ".cache");
  const digest = createHash("sha256").update(lock).digest("hex").slice(0, 16);
  return path.join(cache, "virt-appliance-tests", `nodes-${digest}`);
}

async function install(folder: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}.`);
  try {
    for (const name of LISTS)
      await copyFile(path.join(import.meta.dirname, name), path.join(temporary, name));
    const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    await execute("npm", args, { cwd: temporary }).catch((cause: unknown) => {
      const message = `tools/other-nodes: npm ci cannot install the Node versions of package-lock.json, about 150 MB from the npm registry; see npm's message below`;
      const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr) : "";
      throw new Error(`${message}\n${said}`, { cause });
    });
    // Another run may have been faster.
    await rename(temporary, folder).catch(async (error: unknown) => {
      await stat(folder).catch(() => Promise.reject(error));
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Returns the Node versions of package.json; npm installs them the first time, and compares their digests. */
export async function openNodes(): Promise<readonly NodeVersion[]> {
  const [list = "", lock = ""] = await Promise.all(
    LISTS.map((name) => readFile(path.join(import.meta.dirname, name), "utf8")),
  );
  const folder = cacheFolder(lock);
  if (!(await stat(folder).catch(() => undefined))) await install(folder);
  const { dependencies }: { dependencies: Readonly<Record<string, string>> } = JSON.parse(list);
  return Object.keys(dependencies).map((name) => ({
    major: name.replace("node-", ""),
    binary: path.join(folder, "node_modules", name, "bin/node"),
  }));
}
