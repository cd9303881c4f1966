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

/** Answers the names in a folder, sorted, hidden ones too: to see that nothing was left behind. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort();
}
