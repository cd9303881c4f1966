import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, mkdir, open, rename, rm, symlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { syncFolder } from "../lib/atomic.ts";
import { digestFile } from "../lib/digest.ts";
import { throwIfInterrupted } from "../lib/interrupt.ts";
import { openPlainFile } from "../lib/plain-file.ts";
import { writeAll } from "../lib/write-all.ts";
import type { StageOptions } from "./store.ts";

const CHUNK_BYTES = 1024 * 1024;
const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/**
 * All that a directory store does to the file system, one call for one change, with absolute paths. A test that
 * interrupts each of them has tested a crash at every instant.
 */
export interface DirectoryEffects {
  /** Makes one folder whose parent exists. */
  makeFolder(folder: string): Promise<void>;
  /** Makes a file that must not exist, and syncs it. */
  writeNew(file: string, content: Uint8Array): Promise<void>;
  /** Copies a file to one that must not exist, syncs it, and answers its SHA-256 in lower-case hex. */
  copyNew(from: string, to: string, options: StageOptions): Promise<string>;
  link(from: string, to: string): Promise<void>;
  /** Makes a symbolic link that holds this text. */
  symlink(text: string, at: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes what was done in a folder survive a loss of power. */
  syncFolder(folder: string): Promise<void>;
}

async function finish(handle: FileHandle, mode: number): Promise<void> {
  // The umask of whoever runs us must not keep the web server out.
  await handle.chmod(mode);
  await handle.sync();
}

async function copyAndDigest(from: string, to: FileHandle, options: StageOptions): Promise<string> {
  const hash = createHash("sha256");
  const source = await openPlainFile(from);
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      throwIfInterrupted(options.signal, from);
      const { bytesRead } = await source.read(buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return hash.digest("hex");
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      await writeAll(to, chunk);
      options.onBytes?.(bytesRead);
    }
  } finally {
    await source.close();
  }
}

/** Clones where the file system can, which reads nothing; then only the digest reads the file, once. */
async function copyNew(from: string, to: string, options: StageOptions): Promise<string> {
  const exclusive = constants.COPYFILE_EXCL;
  const cloned = await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | exclusive).then(
    () => true,
    () => false,
  );
  const handle = await open(to, cloned ? "r+" : "wx");
  try {
    const sha256 = cloned
      ? await digestFile(to, options)
      : await copyAndDigest(from, handle, options);
    await finish(handle, FILE_MODE);
    return sha256;
  } finally {
    await handle.close();
  }
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
  async writeNew(file, content): Promise<void> {
    const handle = await open(file, "wx");
    try {
      await handle.writeFile(content);
      await finish(handle, FILE_MODE);
    } finally {
      await handle.close();
    }
  },
  copyNew,
  link,
  symlink,
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  syncFolder,
};

/** Answers a name that nobody else uses. */
export function uniqueName(): string {
  return randomBytes(12).toString("hex");
}
