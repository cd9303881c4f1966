import { createHash, randomBytes } from "node:crypto";
import { lstat, mkdir, mkdtemp, open, readdir, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ApplianceError } from "../errors.ts";

/** Turns the errors of the file system into ours, naming the path; others pass through. */
export function fileError(error: unknown, subject: string): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  switch (error.code) {
    case "ENOSPC":
    case "EDQUOT":
      return new ApplianceError("LIB_NO_SPACE", `${subject}: no space left on the device`, {
        cause: error,
        hint: "free space there, or choose another folder",
      });
    case "ABORT_ERR":
      return new ApplianceError("LIB_INTERRUPTED", `${subject}: interrupted`, { cause: error });
    case "ENOENT":
      return new ApplianceError("LIB_IO", `${subject}: no such file or folder`, { cause: error });
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "EISDIR":
    case "ENOTDIR":
    case "EEXIST":
    case "EIO":
    case "EFBIG":
    case "ELOOP":
    case "ENAMETOOLONG":
    case "ENOTEMPTY":
    case "ENXIO":
    case "ENODEV":
    case "EBUSY":
    case "ETXTBSY":
    case "EXDEV":
    case "EMFILE":
    case "ENFILE":
    case "EMLINK":
    case "ESTALE":
    case "ENOTSUP":
    case "EOPNOTSUPP":
      return new ApplianceError("LIB_IO", `${subject}: ${error.message}`, { cause: error });
    default:
      return error;
  }
}

/** Answers the code of an error of the file system: `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

/** Answers the names in a folder, unsorted; none when there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return [];
    throw fileError(error, folder);
  });
}

/** Makes what was done in a folder survive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file so that it is either absent (or as it was) or complete: a temporary file beside the target, fsync,
 * rename, fsync of the folder. The temporary file is removed when `write` throws.
 *
 * @param write  gets the open temporary file (for reading too) and its path
 * @param options.mode  permissions of the result, 0o644 unless told; the umask does not apply
 */
export async function writeAtomically<T>(
  target: string,
  write: (handle: FileHandle, temporaryPath: string) => Promise<T>,
  options: { readonly mode?: number } = {},
): Promise<T> {
  const folder = path.dirname(target);
  const temporary = path.join(
    folder,
    `.${path.basename(target)}.${randomBytes(6).toString("hex")}.tmp`,
  );
  try {
    const handle = await open(temporary, "wx+", 0o600);
    let result: T;
    try {
      result = await write(handle, temporary);
      await handle.chmod(options.mode ?? 0o644);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
    await syncFolder(folder);
    return result;
  } catch (error) {
    // What went wrong first is what matters, also where the folder is none.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(error, target);
  }
}

/** Writes text or bytes with {@link writeAtomically}. */
export async function writeFileAtomically(
  target: string,
  content: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  await writeAtomically(target, (handle) => handle.writeFile(content), options);
}

/**
 * Moves a complete, synced file to its place on the same file system, replacing what is there; it survives a loss of
 * power when this returns.
 */
export async function moveInto(file: string, target: string): Promise<void> {
  try {
    await rename(file, target);
    await syncFolder(path.dirname(target));
  } catch (error) {
    throw fileError(error, target);
  }
}

/** A folder that is removed, with all in it, when it is disposed of. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

const FOLDER_PREFIX = ".virt-appliance-";

/** Tells processes of this machine from those of others that share the file system. */
const MACHINE: string = createHash("sha256").update(os.hostname()).digest("hex").slice(0, 8);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/** Removes what processes of this machine left that were killed. Never fails: it is not what was asked for. */
async function removeStaleFolders(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const owner = /^\.virt-appliance-([0-9a-f]{8})-(\d+)-/.exec(name);
    if (owner?.[1] !== MACHINE || isAlive(Number(owner[2]))) continue;
    const folder = path.join(parent, name);
    const stats = await lstat(folder).catch(() => undefined);
    if (stats?.isDirectory() !== true || stats.uid !== process.getuid?.()) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * Makes a folder of our own below `parent`, which is made when it is missing. Folders there whose process was killed
 * before it could remove them go.
 *
 * @returns its absolute path
 */
export async function openTemporaryFolder(parent: string): Promise<TemporaryFolder> {
  try {
    await mkdir(parent, { recursive: true });
    await removeStaleFolders(parent);
    const prefix = path.join(path.resolve(parent), `${FOLDER_PREFIX}${MACHINE}-${process.pid}-`);
    const folder = await mkdtemp(prefix);
    return {
      path: folder,
      async [Symbol.asyncDispose](): Promise<void> {
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    throw fileError(error, parent);
  }
}
