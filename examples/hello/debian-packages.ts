import { readdir, rename, stat } from "node:fs/promises";
import path from "node:path";
import { openTemporaryFolder } from "../../src/lib/atomic.ts";
import type { Context } from "../../src/lib/context.ts";

/**
 * Returns the content of a Debian package, downloaded and unpacked in the cache but never installed. A package in the
 * cache is used as it is.
 *
 * @returns the folder that is the root of the package's files
 */
export async function unpackDebianPackage(
  name: string,
  cacheFolder: string,
  context: Context,
): Promise<string> {
  const root = path.join(cacheFolder, name);
  if (await isFolder(root)) return root;
  await using staging = await openTemporaryFolder(cacheFolder);
  await context.run("apt-get", ["download", "-q", name], { cwd: staging.path });
  const archive = (await readdir(staging.path)).find((file) => file.endsWith(".deb"));
  if (archive === undefined) throw new Error(`apt-get download ${name} left no package behind`);
  const unpacked = path.join(staging.path, "root");
  await context.run("dpkg-deb", ["-x", path.join(staging.path, archive), unpacked]);
  // Another process may have been faster; its result is the same.
  await rename(unpacked, root).catch(async (error: unknown) => {
    if (!(await isFolder(root))) throw error;
  });
  return root;
}

async function isFolder(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined))?.isDirectory() === true;
}

/** Returns the package that Debian's metapackage of the cloud kernel currently depends on. */
export async function nameOfCloudKernel(context: Context): Promise<string> {
  const { stdout } = await context.run("apt-cache", ["depends", "linux-image-cloud-amd64"]);
  const name = /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
  if (name === undefined)
    throw new Error("apt knows no linux-image-cloud-amd64; run apt-get update");
  return name;
}
