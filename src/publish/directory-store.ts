import { lstat, readlink, stat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../errors.ts";
import { errnoOf } from "../lib/atomic.ts";
import { digestFile } from "../lib/bytes/digest.ts";
import type { Run } from "../lib/exec.ts";
import { safeRelativePath } from "../lib/safe-path.ts";
import { directoryEffects, type DirectoryEffects, uniqueName } from "./directory-effects.ts";
import { lockDirectory } from "./directory-lock.ts";
import { absentIs, onFile, readDirectory } from "./directory-reader.ts";
import { STAGING } from "./layout.ts";
import type { StageOptions, Store } from "./store.ts";

/** File systems limit the number of hard links to one file (65,000 with ext4), or do not support them. */
const NO_LINK_CODES = ["EMLINK", "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

function conflict(root: string, relative: string, fact: string): ApplianceError {
  return new ApplianceError("PUBLISH_CONFLICT", `${root}: ${relative} ${fact}`, {
    hint: "a published file never changes; choose another version or release",
  });
}

/** Makes the changes of a directory store, and remembers which folders need a sync. */
class DirectoryWriter {
  readonly #root: string;
  readonly #effects: DirectoryEffects;
  readonly #run: Run | undefined;
  readonly #unsynced = new Set<string>();
  readonly #unsyncedFiles = new Set<string>();
  readonly #folders = new Map<string, Promise<void>>();

  constructor(root: string, effects: DirectoryEffects, run: Run | undefined) {
    this.#root = root;
    this.#effects = effects;
    this.#run = run;
  }

  absolute(relative: string): string {
    return path.join(this.#root, safeRelativePath(relative, this.#root));
  }

  /** Creates a folder and its parents. Parallel calls may create the same one. */
  async makeFolders(folder: string): Promise<void> {
    const making = this.#folders.get(folder) ?? this.#makeFolder(folder);
    this.#folders.set(folder, making);
    await making;
  }

  async #makeFolder(folder: string): Promise<void> {
    if (folder !== this.#root) await this.makeFolders(path.dirname(folder));
    if (await this.#isFolder(folder)) return;
    await this.#effects.makeFolder(folder);
    this.#unsynced.add(path.dirname(folder));
  }

  /** No link is followed below the root, because its target does not belong to the store. */
  async #isFolder(folder: string): Promise<boolean> {
    const stats = await absentIs(undefined, folder === this.#root ? stat(folder) : lstat(folder));
    if (stats === undefined || stats.isDirectory()) return stats !== undefined;
    const found = stats.isSymbolicLink() ? "a symbolic link" : "not a folder";
    throw new ApplianceError("LIB_UNSAFE_PATH", `${folder}: ${found}, expected a folder`, {
      hint: "find out what created it, and remove it",
    });
  }

  /** Refuses a path with a parent folder that is a link. */
  async requireFoldersOf(target: string): Promise<void> {
    const parts = path.relative(this.#root, path.dirname(target)).split(path.sep);
    let folder = this.#root;
    for (const part of parts) {
      folder = path.join(folder, part);
      if (!this.#folders.has(folder) && !(await this.#isFolder(folder))) return;
    }
  }

  /** Moves a hidden file to a name that must be free or have the same content. */
  async place(temporary: string, target: string, relative: string): Promise<void> {
    await this.makeFolders(path.dirname(target));
    this.#unsynced.add(path.dirname(target));
    try {
      await this.#effects.link(temporary, target);
    } catch (error) {
      const code = errnoOf(error) ?? "";
      if (code === "EEXIST") await this.#requireSame(temporary, target, relative);
      else if (NO_LINK_CODES.includes(code)) await this.#replaceByCopy(temporary, target);
      else throw error;
    }
  }

  async #replaceByCopy(from: string, to: string): Promise<void> {
    const copy = await this.temporary();
    await this.#effects.copyNew(from, copy, {});
    await this.#effects.syncFiles([copy], this.#run);
    await this.#effects.rename(copy, to);
  }

  async #requireSame(a: string, b: string, relative: string): Promise<void> {
    const [left, right] = await Promise.all([lstat(a), lstat(b)]);
    if (left.dev === right.dev && left.ino === right.ino) return;
    const same =
      right.isFile() && left.size === right.size && (await digestFile(a)) === (await digestFile(b));
    if (same) return;
    throw conflict(this.#root, relative, "already exists with different content");
  }

  async temporary(): Promise<string> {
    const folder = path.join(this.#root, STAGING);
    await this.makeFolders(folder);
    return path.join(folder, uniqueName());
  }

  /** Writes all files before it moves the first one to its place. */
  async replaceAll(files: readonly { target: string; content: Uint8Array }[]): Promise<void> {
    const ready: { readonly temporary: string; readonly target: string }[] = [];
    for (const { target, content } of files) {
      const temporary = await this.temporary();
      await this.#effects.writeNew(temporary, content);
      await this.makeFolders(path.dirname(target));
      ready.push({ temporary, target });
    }
    for (const { temporary, target } of ready) await this.#effects.rename(temporary, target);
    for (const folder of new Set(ready.map(({ target }) => path.dirname(target)))) {
      await this.#effects.syncFolder(folder);
    }
  }

  async share(folder: string, target: string, relative: string): Promise<void> {
    const text = path.relative(path.dirname(target), folder);
    await this.makeFolders(folder);
    await this.makeFolders(path.dirname(target));
    this.#unsynced.add(path.dirname(target));
    try {
      await this.#effects.symlink(text, target);
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
      const there = await readlink(target).catch(() => undefined);
      if (there !== text) throw conflict(this.#root, relative, "already exists");
    }
  }

  async putNew(target: string, content: Uint8Array, relative: string): Promise<void> {
    const temporary = await this.temporary();
    await this.#effects.writeNew(temporary, content, { sync: "later" });
    await this.place(temporary, target, relative);
    this.#unsyncedFiles.add(target);
    await this.#effects.remove(temporary);
  }

  async stageCopy(from: string, options: StageOptions): Promise<string> {
    const temporary = await this.temporary();
    this.#unsyncedFiles.add(temporary);
    await this.#effects.copyNew(from, temporary, options);
    return temporary;
  }

  async stageContent(content: Uint8Array): Promise<string> {
    const temporary = await this.temporary();
    this.#unsyncedFiles.add(temporary);
    await this.#effects.writeNew(temporary, content, { sync: "later" });
    return temporary;
  }

  async remove(target: string): Promise<void> {
    await this.requireFoldersOf(target);
    for (const file of this.#unsyncedFiles) {
      if (file === target || file.startsWith(`${target}${path.sep}`)) {
        this.#unsyncedFiles.delete(file);
      }
    }
    this.#folders.clear();
    this.#unsynced.delete(target);
    await this.#effects.remove(target);
  }

  async flush(): Promise<void> {
    const files = [...this.#unsyncedFiles];
    this.#unsyncedFiles.clear();
    await this.#effects.syncFiles(files, this.#run);
    const folders = [...this.#unsynced];
    this.#unsynced.clear();
    await Promise.all(folders.map((folder) => this.#effects.syncFolder(folder)));
  }
}

/**
 * Returns a store in a directory of a local file system, which any web server can serve.
 *
 * @param root  created with the first change; its parent must exist
 * @param effects  only replaced in tests
 * @param options.run  runs a program that syncs many files at once. Without it, they are synced one by one
 */
export function openDirectoryStore(
  root: string,
  effects: DirectoryEffects = directoryEffects,
  options: { readonly run?: Run } = {},
): Store {
  const folder = path.resolve(root);
  const writer = new DirectoryWriter(folder, effects, options.run);
  const named = <T>(relative: string, work: (absolute: string) => Promise<T>): Promise<T> =>
    onFile(folder, relative, work);
  return {
    location: root,
    ...readDirectory(folder),
    stage: (file, options) =>
      named(STAGING, async () => {
        const temporary = await writer.stageCopy(file, options);
        const { size } = await lstat(temporary);
        return {
          path: path.relative(folder, temporary),
          sizeBytes: size,
          localPath: temporary,
        };
      }),
    stageContent: (content) =>
      named(STAGING, async () => {
        const temporary = await writer.stageContent(content);
        return {
          path: path.relative(folder, temporary),
          sizeBytes: content.length,
          localPath: temporary,
        };
      }),
    put: (relative, content) => named(relative, (file) => writer.putNew(file, content, relative)),
    link: (from, to) => named(to, (target) => writer.place(writer.absolute(from), target, to)),
    share: (from, to) => named(to, (target) => writer.share(writer.absolute(from), target, to)),
    switch: (relative, content) =>
      named(relative, (target) => writer.replaceAll([{ target, content }])),
    switchAll: (files) =>
      named(files[0]?.path ?? "", () =>
        writer.replaceAll(
          files.map(({ path: one, content }) => ({ target: writer.absolute(one), content })),
        ),
      ),
    lock: (how, context) => lockDirectory(root, how, context),
    remove: (relative) => named(relative, (target) => writer.remove(target)),
    flush: () => writer.flush(),
  };
}
