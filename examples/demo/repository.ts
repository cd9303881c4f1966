import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Tarballs } from "./build-appliances.ts";
import { inMiB } from "./in-mib.ts";
import type { VirtAppliance } from "./program.ts";
import type { Say } from "./tell.ts";

const NAME = "demo";

/** A signed repository and the packages for it. */
export interface Repository {
  readonly folder: string;
  readonly baseUrl: string;
  /** Where a client finds the `.repo` file. */
  readonly repoFileUrl: string;
  readonly oldRpm: string;
  /** Not yet in the repository. */
  readonly newRpm: string;
  readonly rawRpm: string;
  /** Name of the key that signs. */
  readonly key: string;
}

/** What a repository is made of. */
export interface RepositoryOptions {
  readonly tarballs: Tarballs;
  readonly folder: string;
  readonly port: number;
}

/** Step 2: a key, signed packages, and a signed repository that holds all but the new version. */
export async function makeRepository(
  options: RepositoryOptions,
  virtAppliance: VirtAppliance,
  say: Say,
): Promise<Repository> {
  const rpms = path.join(options.folder, "rpms");
  const folder = path.join(options.folder, "repo");
  await mkdir(rpms, { recursive: true });
  await virtAppliance(["keys", "generate", "--name", NAME, "--email", "demo@example.com"]);
  const build = async (tarball: string, ...more: readonly string[]): Promise<string> => {
    const lines = await virtAppliance(["build", tarball, "-o", rpms, "--sign", NAME, ...more]);
    const rpm = lines.at(-1);
    if (rpm === undefined) throw new TypeError(`build ${tarball} named no package`);
    say(`${path.basename(rpm)}: ${inMiB((await stat(rpm)).size)}, signed`);
    return rpm;
  };
  const oldRpm = await build(options.tarballs.old);
  const newRpm = await build(options.tarballs.new);
  const rawRpm = await build(options.tarballs.raw, "--keep-raw");
  const baseUrl = `http://127.0.0.1:${options.port}`;
  const where = ["--name", NAME, "--base-url", baseUrl, "--key", NAME];
  await virtAppliance(["repo", "init", folder, ...where]);
  await addToRepository({ folder, rpms: [oldRpm, rawRpm] }, virtAppliance);
  const listed = await virtAppliance(["repo", "list", folder]);
  for (const line of listed) say(line);
  const repoFileUrl = `${baseUrl}/${NAME}.repo`;
  return { folder, baseUrl, repoFileUrl, oldRpm, newRpm, rawRpm, key: NAME };
}

/** Adds packages. When this returns, clients see them. */
export async function addToRepository(
  options: { readonly folder: string; readonly rpms: readonly string[] },
  virtAppliance: VirtAppliance,
): Promise<void> {
  await virtAppliance(["repo", "add", options.folder, ...options.rpms]);
}
