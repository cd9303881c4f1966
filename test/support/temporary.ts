import { rmSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

/** Runs a test with a folder of its own, which is removed afterwards. */
export function withFolder(test: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "virt-appliance-test-"));
    try {
      await test(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/**
 * Makes a folder that is removed when this process ends, for what all test files of a process share: a hook belongs to
 * one file, where mocha runs several processes.
 */
export async function lastingFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "virt-appliance-lasting-"));
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
