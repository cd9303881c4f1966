import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, rmdir } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { testContext } from "./context.ts";

const PREFIX = path.join(os.tmpdir(), "virt-appliance-test-");

/** A folder that is removed when it is disposed of. */
export interface OpenFolder {
  readonly path: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes a folder: for a fixture, and for a part of a test. */
export async function openFolder(prefix: string = PREFIX): Promise<OpenFolder> {
  const folder = await mkdtemp(prefix);
  return {
    path: folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Makes a folder inside one that is removed anyway. */
export async function newFolderIn(parent: string): Promise<string> {
  return mkdtemp(path.join(parent, "new-"));
}

/** Runs a test with its own folder. */
export function withFolder(test: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    await using folder = await openFolder();
    await test(folder.path);
  };
}

/**
 * Runs a test with a file system of 8 MiB, and a folder elsewhere; needs root. The folder at which it is mounted is
 * removed only when it is empty, so nothing is removed from a file system that could not be unmounted.
 */
export function withSmallDisk(
  test: (small: string, folder: string) => Promise<void>,
): () => Promise<void> {
  return withFolder(async (folder) => {
    const { run } = testContext();
    const small = await mkdtemp(PREFIX);
    try {
      await run("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", small]);
      try {
        await test(small, folder);
      } finally {
        await run("umount", [small]);
      }
    } finally {
      await rmdir(small);
    }
  });
}

/**
 * Gives the tests of the describe in which it is called one folder, or each of them (`per: "test"`) an empty folder of
 * the same path. The hooks that follow can use it, and it is removed after the last of them.
 *
 * @returns its path
 */
export function temporaryFolder({ per = "describe" }: { per?: "describe" | "test" } = {}): string {
  const folder = `${PREFIX}${randomBytes(6).toString("hex")}`;
  const make = (): Promise<unknown> => mkdir(folder, { mode: 0o700 });
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  before(async function () {
    // mocha runs hooks in the order of their registration, and those of the describe are all registered by now.
    const suite = this.test?.parent;
    if (per === "test") suite?.afterEach(remove);
    else suite?.afterAll(remove);
    if (per === "describe") await make();
  });
  if (per === "test") beforeEach(make);
  return folder;
}

/**
 * Makes a folder that is removed when this process ends, for what all test files of a process share: a hook belongs to
 * one file, where mocha runs several processes.
 */
export async function lastingFolder(): Promise<string> {
  const folder = await mkdtemp(PREFIX);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Returns the names in a folder, sorted, hidden ones too; none in one that is gone: to see that nothing was left. */
export async function namesIn(folder: string): Promise<string[]> {
  const isGone = (error: unknown): boolean =>
    error instanceof Error && "code" in error && error.code === "ENOENT";
  return readdir(folder).then(
    (names) => names.sort(),
    (error: unknown) => (isGone(error) ? [] : Promise.reject(error)),
  );
}
