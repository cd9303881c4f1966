import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { installPackages } from "../cached-packages/install-packages.ts";

/** A Node version that the tests are run on. */
export interface NodeVersion {
  readonly major: string;
  /** Path of its binary; PATH of what runs on it begins with the binary's folder. */
  readonly binary: string;
}

/** Returns the Node versions of package.json; npm installs them the first time, and compares their digests. */
export async function openNodes(): Promise<readonly NodeVersion[]> {
  const cache = process.env["XDG_CACHE_HOME"] ?? path.join(os.homedir(), ".cache");
  const folder = await installPackages(import.meta.dirname, {
    cache: path.join(cache, "virt-appliance-tests", "nodes"),
    what: "the Node versions, about 150 MB,",
  });
  const list = await readFile(path.join(import.meta.dirname, "package.json"), "utf8");
  const { dependencies }: { dependencies: Readonly<Record<string, string>> } = JSON.parse(list);
  return Object.keys(dependencies).map((name) => ({
    major: name.replace("node-", ""),
    binary: path.join(folder, "node_modules", name, "bin/node"),
  }));
}
