import { createHash } from "node:crypto";
import { mkdir, readFile, rename, stat } from "node:fs/promises";
import path from "node:path";
import { openTemporaryFolder } from "../../src/lib/atomic.ts";
import type { Context } from "../../src/lib/context.ts";

const MAKE_SYSTEM = path.join(import.meta.dirname, "make-system.sh");
const SUITE = "bookworm";
const DEFAULT_MIRROR = "http://deb.debian.org/debian/";

/** Parts of a tree that Debian packages are made into, from the cache or into it. */
export interface SystemParts {
  /** A bootable Debian with `installed`, as a compressed archive. */
  readonly system: string;
  /** Programs of Debian that the installer runs, with their libraries, as below a root. */
  readonly tools: string;
  /** A flat apt repository of `offered` with all they need; undefined when nothing is offered. */
  readonly packages: string | undefined;
}

/** What is made. */
export interface SystemOptions {
  readonly cacheFolder: string;
  readonly installed: readonly string[];
  readonly offered: readonly string[];
}

/** Makes the parts of a tree, or takes them from the cache. */
export async function makeSystemParts(
  options: SystemOptions,
  context: Context,
): Promise<SystemParts> {
  const make = await openMaker(path.join(options.cacheFolder, "installer"), context);
  const { installed, offered } = options;
  const base = await make("base.tar.zst", await findMirror(context), []);
  const full = installed.length === 0 ? base : await make("add.tar.zst", base, installed);
  return {
    system: await make("shrink.tar.zst", full, []),
    tools: await make("tools", base, []),
    packages: offered.length === 0 ? undefined : await make("offer", full, offered),
  };
}

/** Returns the function that makes one part; the part's name begins with the action of make-system.sh. */
async function openMaker(
  folder: string,
  context: Context,
): Promise<(name: string, from: string, packages: readonly string[]) => Promise<string>> {
  await mkdir(folder, { recursive: true });
  const script = await readFile(MAKE_SYSTEM, "utf8");
  return async (name, from, packages) => {
    const names = [...packages].sort();
    const [action = "", ...extension] = name.split(".");
    // The name has a digest of the part's inputs, so that a change of them makes it again.
    const digest = createHash("sha256").update(
      [script, action, path.basename(from), ...names].join("\n"),
    );
    const stem = `${action}-${digest.digest("hex").slice(0, 16)}`;
    const target = path.join(folder, [stem, ...extension].join("."));
    if (await exists(target)) return target;
    await using staging = await openTemporaryFolder(folder);
    const made = path.join(staging.path, name);
    await context.run(MAKE_SYSTEM, [action, from, made, ...names]);
    // Another process may have been faster; its result is the same.
    await rename(made, target).catch(async (error: unknown) => {
      if (!(await exists(target))) throw error;
    });
    return target;
  };
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

/** The archive that this machine's apt uses, so that a site's own mirror is used here too. */
async function findMirror(context: Context): Promise<string> {
  const format = "$(REPO_URI) $(CODENAME) $(COMPONENT)";
  const { stdout } = await context.run("apt-get", ["indextargets", "--format", format]);
  const line = stdout.split("\n").find((text) => text.endsWith(` ${SUITE} main`));
  return line?.split(" ")[0] ?? DEFAULT_MIRROR;
}
