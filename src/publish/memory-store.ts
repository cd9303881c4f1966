import { randomUUID } from "node:crypto";
import { ApplianceError } from "../errors.ts";
import { digestOf } from "../lib/digest.ts";
import { readPlainFile } from "../lib/plain-file.ts";
import { safeRelativePath } from "../lib/safe-path.ts";
import { STAGING } from "./layout.ts";
import type { StagedFile, Store } from "./store.ts";

/** Answers a store that is gone with the process: for tests, and to see what a plan would do. */
export function openMemoryStore(files: Map<string, Buffer> = new Map()): Store {
  const place = (path: string, content: Buffer): void => {
    const safe = safeRelativePath(path, "memory");
    const there = files.get(safe);
    if (there !== undefined && !there.equals(content)) {
      throw new ApplianceError("PUBLISH_CONFLICT", `memory: ${safe} exists with another content`);
    }
    files.set(safe, content);
  };
  return {
    location: "memory",
    read: async (path) => files.get(path),
    async list(folder): Promise<string[]> {
      const names = [...files.keys()]
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1).split("/")[0] ?? "");
      return [...new Set(names)].sort();
    },
    async stage(file): Promise<StagedFile> {
      const content = await readPlainFile(file);
      const path = `${STAGING}/${randomUUID()}`;
      files.set(path, content);
      return { path, sizeBytes: content.length, sha256: digestOf(content), localPath: file };
    },
    put: async (path, content) => place(path, Buffer.from(content)),
    async link(from, to): Promise<void> {
      const content = files.get(from);
      if (content === undefined)
        throw new ApplianceError("LIB_IO", `memory: ${from} does not exist`);
      place(to, content);
    },
    async switch(path, content): Promise<void> {
      files.set(safeRelativePath(path, "memory"), Buffer.from(content));
    },
    async remove(path): Promise<void> {
      for (const one of files.keys()) {
        if (one === path || one.startsWith(`${path}/`)) files.delete(one);
      }
    },
    flush: async () => {},
  };
}
