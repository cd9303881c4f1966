import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, mkdir, open, rename, rm, symlink } from "node:fs/promises";
import { syncFile, syncFolder } from "../lib/atomic.ts";
import type { Run } from "../lib/exec.ts";
import { openPlainFile } from "../lib/plain-file.ts";
import { copyPieces, observeAll } from "./copy-pieces.ts";
import type { StageOptions } from "./store.ts";

const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/**
 * All that a directory store does to the file system, one call for one change, with absolute paths. A test that
 * interrupts each of them has tested a crash at every instant.
 */
export interface DirectoryEffects {
  /** Makes one folder whose parent exists. */
  makeFolder(folder: string): Promise<void>;
  /** Makes a file that must not exist, and syncs it unless that is left to a later call of {@link syncFiles}. */
  writeNew(
    file: string,
    content: Uint8Array,
    options?: { readonly sync?: "now" | "later" },
  ): Promise<void>;
  /** Copies a file to one that must not exist; it is yet to be synced. */
  copyNew(from: string, to: string, options: StageOptions): Promise<void>;
  /** Makes the content of files survive a loss of power; with `run`, that of many at once. */
  syncFiles(files: readonly string[], run: Run | undefined): Promise<void>;
  link(from: string, to: string): Promise<void>;
  /** Makes a symbolic link that holds this text. */
  symlink(text: string, at: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes what was done in a folder survive a loss of power. */
  syncFolder(folder: string): Promise<void>;
}

/** Clones where the file system can, which writes nothing. */
async function copyNew(from: string, to: string, options: StageOptions): Promise<void> {
  const cloned = await copyFile(
    from,
    to,
    constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL,
  ).then(
    () => true,
    () => false,
  );
  const { signal } = options;
  // A clone has its source's mode, which may forbid its owner to write.
  await using target = await open(to, cloned ? "r" : "wx");
  if (!cloned) {
    await using source = await openPlainFile(from);
    const places = { from: { handle: source, name: from }, to: { handle: target, name: to } };
    await observeAll(copyPieces({ ...places, signal }), options);
  } else if (options.observe !== undefined) {
    await observeAll(copyPieces({ from: { handle: target, name: to }, signal }), options);
  }
  await target.chmod(FILE_MODE);
}

/** From this many files on, one request to the whole file system is quicker than one for each. */
const MANY_FILES = 16;

async function syncFiles(files: readonly string[], run: Run | undefined): Promise<void> {
  const [first] = files;
  if (first !== undefined && run !== undefined && files.length >= MANY_FILES) {
    // syncfs(2), which Node does not have.
    await run("sync", ["--file-system", first], { ignoresInterrupt: true });
    return;
  }
  // Together they share what the file system has to write anyway.
  await Promise.all(files.map(syncFile));
}

/** The real thing. */
export const directoryEffects: DirectoryEffects = {
  async makeFolder(folder): Promise<void> {
    await mkdir(folder);
    const handle = await open(folder, "r");
    try {
      await handle.chmod(FOLDER_MODE);
    } finally {
      await handle.close();
    }
  },
  async writeNew(file, content, { sync = "now" } = {}): Promise<void> {
    const handle = await open(file, "wx");
    try {
      await handle.writeFile(content);
      // The umask of whoever runs us must not keep the web server out.
      await handle.chmod(FILE_MODE);
      if (sync === "now") await handle.sync();
    } finally {
      await handle.close();
    }
  },
  copyNew,
  syncFiles,
  link,
  symlink,
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  syncFolder,
};

/** Returns a name that nobody else uses. */
export function uniqueName(): string {
  return randomBytes(12).toString("hex");
}
