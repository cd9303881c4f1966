import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, mkdir, open, rename, rm, symlink } from "node:fs/promises";
import { syncFile, syncFolder } from "../lib/atomic.ts";
import type { Run } from "../lib/exec.ts";
import { openPlainFile } from "../lib/plain-file.ts";
import { copyPieces, observeAll } from "./copy-pieces.ts";
import { linkNew } from "./link-new.ts";
import type { StageOptions } from "./store.ts";

const FILE_MODE = 0o644;
/** Web servers read every folder of a store, and only its owner changes it. */
export const FOLDER_MODE = 0o755;

/**
 * All changes of a directory store to the file system, one call for each change, with absolute paths. Interrupting each
 * call tests a crash at every point.
 */
export interface DirectoryEffects {
  /** Creates one folder whose parent exists. */
  makeFolder(folder: string): Promise<void>;
  /** Creates a file that must not exist, and syncs it unless a later call of {@link syncFiles} does that. */
  writeNew(
    file: string,
    content: Uint8Array,
    options?: { readonly sync?: "now" | "later" },
  ): Promise<void>;
  /** Copies or links a file to a path that must not exist. Does not sync the copy. */
  copyNew(from: string, to: string, options: StageOptions): Promise<void>;
  /** Syncs the content of files to disk; with `run`, many at once. */
  syncFiles(files: readonly string[], run: Run | undefined): Promise<void>;
  link(from: string, to: string): Promise<void>;
  /** Creates a symbolic link with this text. */
  symlink(text: string, at: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Syncs the changes in a folder to disk. */
  syncFolder(folder: string): Promise<void>;
}

/** Links the file if it is safe and wanted. Else clones it if the file system supports that, which writes no data. */
async function copyNew(from: string, to: string, options: StageOptions): Promise<void> {
  // Opened once, so that nothing else can take its place: a FIFO would keep a thread of Node waiting for ever.
  await using source = await openPlainFile(from);
  const files = { source, from, to, mode: FILE_MODE };
  if (options.source === "removed" && (await linkNew(files, options))) return;
  const cloned = await copyFile(
    `/proc/self/fd/${source.fd}`,
    to,
    constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL,
  ).then(
    () => true,
    () => false,
  );
  const { signal } = options;
  // A clone has the mode of its source, which may not let the owner write.
  await using target = await open(to, cloned ? "r" : "wx");
  if (!cloned) {
    const places = { from: { handle: source, name: from }, to: { handle: target, name: to } };
    await observeAll(copyPieces({ ...places, signal }), options);
  } else if (options.observe !== undefined) {
    await observeAll(copyPieces({ from: { handle: target, name: to }, signal }), options);
  }
  await target.chmod(FILE_MODE);
}

/** From this number of files on, syncing the whole file system is faster than syncing each file. */
const MANY_FILES = 16;

async function syncFiles(files: readonly string[], run: Run | undefined): Promise<void> {
  const [first] = files;
  if (first !== undefined && run !== undefined && files.length >= MANY_FILES) {
    // syncfs(2), which Node does not offer.
    await run("sync", ["--file-system", first], { ignoresInterrupt: true });
    return;
  }
  // In parallel, they share the file system's own writes.
  await Promise.all(files.map(syncFile));
}

/** Gives a folder the mode of every folder of a store; the umask does not apply. */
export async function setFolderMode(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.chmod(FOLDER_MODE);
  } finally {
    await handle.close();
  }
}

/** The real effects. */
export const directoryEffects: DirectoryEffects = {
  async makeFolder(folder): Promise<void> {
    await mkdir(folder);
    await setFolderMode(folder);
  },
  async writeNew(file, content, { sync = "now" } = {}): Promise<void> {
    const handle = await open(file, "wx");
    try {
      await handle.writeFile(content);
      // The user's umask must not prevent the web server from reading the files.
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

/** Returns a unique name. */
export function uniqueName(): string {
  return randomBytes(12).toString("hex");
}
