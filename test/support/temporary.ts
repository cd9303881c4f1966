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

/** Returns the names in a folder, sorted, hidden ones too; none in one that is gone: to see that nothing was left. */
export async function namesIn(folder: string): Promise<string[]> {
  const isGone = (error: unknown): boolean =>
    error instanceof Error && "code" in error && error.code === "ENOENT";
  return readdir(folder).then(
    (names) => names.sort(),
    (error: unknown) => (isGone(error) ? [] : Promise.reject(error)),
  );
}
