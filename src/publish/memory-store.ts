import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { ApplianceError } from "../errors.ts";
import { digestOf } from "../lib/bytes/digest.ts";
import type { Lock } from "../lib/lock.ts";
import { readPlainFile } from "../lib/plain-file.ts";
import { safeRelativePath } from "../lib/safe-path.ts";
import { STAGING } from "./layout.ts";
import type { StagedFile, Store, StoreReader } from "./store.ts";

function throughShares(path: string, shares: ReadonlyMap<string, string>): string {
  for (const [name, folder] of shares) {
    if (path === name || path.startsWith(`${name}/`)) return folder + path.slice(name.length);
  }
  return path;
}

function namesBelow(paths: readonly string[], folder: string): string[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  const names = paths
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length).split("/")[0] ?? "");
  return [...new Set(names)].sort();
}

function readMemory(
  files: ReadonlyMap<string, Buffer>,
  shares: ReadonlyMap<string, string>,
): StoreReader {
  const find = (path: string): Buffer | undefined => files.get(throughShares(path, shares));
  return {
    read: async (path) => find(path),
    size: async (path) => find(path)?.length,
    async digest(path): Promise<string> {
      const content = find(path);
      if (content !== undefined) return digestOf(content);
      throw new ApplianceError("LIB_IO", `memory: ${path} does not exist`);
    },
    list: async (folder) =>
      namesBelow([...files.keys(), ...shares.keys()], throughShares(folder, shares)),
    isShared: async (folder, name) => shares.get(name) === folder,
    examine: async () => [],
  };
}

/** Returns a lock that is held until it is disposed of; a second caller is refused immediately. */
function memoryLock(): Store["lock"] {
  let holder: string | undefined;
  return async ({ purpose }): Promise<Lock> => {
    if (holder !== undefined)
      throw new ApplianceError("LIB_LOCKED", `memory: locked by this process (${holder})`);
    holder = purpose;
    const release = async (): Promise<void> => void (holder = undefined);
    return { held: true, [Symbol.asyncDispose]: release };
  };
}

/** Returns a store in memory, for tests and dry runs. */
export function openMemoryStore(files: Map<string, Buffer> = new Map()): Store {
  /** Names that link to folders. */
  const shares = new Map<string, string>();
  const place = (path: string, content: Buffer): void => {
    const safe = safeRelativePath(path, "memory");
    const there = files.get(safe);
    if (there !== undefined && !there.equals(content)) {
      throw new ApplianceError(
        "PUBLISH_CONFLICT",
        `memory: ${safe} already exists with different content`,
      );
    }
    files.set(safe, content);
  };
  const stageContent = (content: Buffer, name: string): StagedFile => {
    const path = `${STAGING}/${randomUUID()}`;
    files.set(path, content);
    return { path, sizeBytes: content.length, localPath: name };
  };
  return {
    location: "memory",
    ...readMemory(files, shares),
    lock: memoryLock(),
    async stage(file, { observe }): Promise<StagedFile> {
      const content = await readPlainFile(file);
      await observe?.(Readable.from([content]));
      return stageContent(content, file);
    },
    stageContent: async (content, name) => stageContent(content, name),
    put: async (path, content) => place(path, Buffer.from(content)),
    async link(from, to): Promise<void> {
      const content = files.get(from);
      if (content === undefined)
        throw new ApplianceError("LIB_IO", `memory: ${from} does not exist`);
      place(to, content);
    },
    async share(folder, name): Promise<void> {
      if (files.has(name) || (shares.get(name) ?? folder) !== folder)
        throw new ApplianceError("PUBLISH_CONFLICT", `memory: ${name} already exists`);
      shares.set(name, folder);
    },
    async switchAll(all): Promise<void> {
      for (const { path, content } of all) {
        files.set(safeRelativePath(path, "memory"), Buffer.from(content));
      }
    },
    async switch(path, content): Promise<void> {
      files.set(safeRelativePath(path, "memory"), Buffer.from(content));
    },
    async remove(path): Promise<void> {
      for (const names of [files, shares]) {
        for (const one of names.keys()) {
          if (one === path || one.startsWith(`${path}/`)) names.delete(one);
        }
      }
    },
    flush: async () => {},
  };
}
