import {
  type FileHandle,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
} from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../errors.ts";
import { MACHINE, temporaryName, temporaryPrefix } from "./temporary-name.ts";
import { describeSystemError, hintOfSystemError } from "./system-error.ts";

/** Converts a system error into an `ApplianceError` that names the subject. Returns other errors unchanged. */
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
  }
  const fact = describeSystemError(error);
  if (fact === undefined) return error;
  const place = "path" in error ? String(error.path) : subject;
  const where = path.resolve(place) === path.resolve(subject) ? "" : `: ${place}`;
  const hint = hintOfSystemError(error.code);
  return new ApplianceError("LIB_IO", `${subject}: ${fact}${where}`, {
    cause: error,
    hint,
  });
}

/** Returns the code of an error of the file system: `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}

/** Returns the names in a folder, unsorted; empty if the folder does not exist. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return [];
    throw fileError(error, folder);
  });
}

/** Syncs a file to disk, so that its content survives a power failure. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Syncs the changes in a folder to disk. */
export const syncFolder: (folder: string) => Promise<void> = syncFile;

/**
 * Writes a file atomically: after a failure it is unchanged, or absent if it did not exist. Writes a temporary file
 * beside the target, syncs and renames it, and syncs the folder. Removes the temporary file when `write` throws.
 *
 * @param write  receives the temporary file, open for reading and writing, and its path
 * @param options.mode  permissions of the result, regardless of the umask. Default: 0o644
 */
export async function writeAtomically<T>(
  target: string,
  write: (handle: FileHandle, temporaryPath: string) => Promise<T>,
  options: { readonly mode?: number } = {},
): Promise<T> {
  const folder = path.dirname(target);
  const temporary = path.join(folder, temporaryName(path.basename(target)));
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
    // Report the first error, not one of the removal, for example if the folder is not a folder.
    await rm(temporary, { force: true }).catch(() => undefined);
    const ofTemporary = error instanceof Error && "path" in error && error.path === temporary;
    throw fileError(ofTemporary ? Object.assign(error, { path: target }) : error, target);
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
 * Moves a complete, synced file to its target on the same file system, and replaces an existing file. The change
 * survives a power failure once this returns.
 */
export async function moveInto(file: string, target: string): Promise<void> {
  try {
    await rename(file, target);
    await syncFolder(path.dirname(target));
  } catch (error) {
    throw fileError(error, target);
  }
}

/** Folders that were made. Disposal removes those that are empty. */
export interface MadeFolders extends AsyncDisposable {
  /** Absolute paths, each the parent of the next. */
  readonly made: readonly string[];
}

/** Removes the empty ones of these folders, deepest first. */
async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of [...folders].reverse()) await rmdir(folder).catch(() => undefined);
}

/**
 * Makes a folder and its missing parents. Disposal of the result removes those folders that are then empty, so that an
 * operation that fails before its first result leaves nothing behind.
 *
 * All other modules use this function to make parent folders: Node's recursive mkdir never returns where the kernel
 * does not support new folders (/proc).
 *
 * @param options.mode  permissions of each new folder, before the umask is applied
 * @throws ApplianceError `LIB_IO`, also when the path exists and is not a folder
 */
export async function makeFolder(
  folder: string,
  options: { readonly mode?: number } = {},
): Promise<MadeFolders> {
  const wanted = path.resolve(folder);
  const made: string[] = [];
  const refuse = (one: string, fact: string): never => {
    const where =
      one === wanted ? "" : `: ${path.isAbsolute(folder) ? one : path.relative("", one)}`;
    throw new ApplianceError("LIB_IO", `${folder}: ${fact}${where}`);
  };
  try {
    const missing: string[] = [];
    let one = wanted;
    for (; !(await isThere(one)); one = path.dirname(one)) missing.unshift(one);
    const fault = await faultOfFolder(one);
    if (fault !== undefined) refuse(one, fault);
    for (one of missing) {
      try {
        await mkdir(one, options.mode);
        made.push(one);
      } catch (error) {
        if (errnoOf(error) === "ENOENT") refuse(one, "cannot create a folder there");
        if (errnoOf(error) !== "EEXIST") throw error;
        // Another process has made it in the meantime.
        const came = await faultOfFolder(one);
        if (came !== undefined) refuse(one, came);
      }
    }
  } catch (error) {
    await removeEmpty(made);
    throw fileError(error, folder);
  }
  return { made, [Symbol.asyncDispose]: () => removeEmpty(made) };
}

/** Returns what an existing path is, if it is not a folder; undefined for a folder. */
async function faultOfFolder(one: string): Promise<string | undefined> {
  try {
    return (await stat(one)).isDirectory() ? undefined : "not a folder, expected one";
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return "a symbolic link to nowhere, expected a folder";
    throw error;
  }
}

async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    (error: unknown) => {
      if (errnoOf(error) === "ENOENT") return false;
      throw error;
    },
  );
}

/** A folder that is removed, with all its content, on disposal. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

const FOLDER_PREFIX = ".virt-appliance-";

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/** Returns the name of a file for messages; for a temporary file, the name of its target. */
export function nameForPeople(file: string): string {
  const name = path.basename(file);
  return /^\.(.+)\.[0-9a-f]{8}-\d+-[0-9a-f]{8}\.tmp$/s.exec(name)?.[1] ?? name;
}

/** Returns whether this is the name of a temporary file of a process of this machine that no longer runs. */
export function isLeftover(name: string): boolean {
  const owner = /^\..+\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.tmp$/s.exec(name);
  return owner?.[1] === MACHINE && !isAlive(Number(owner[2]));
}

/** Removes the temporary files for this target that killed processes left behind. Never fails. */
export async function removeLeftovers(target: string): Promise<void> {
  const folder = path.dirname(target);
  const prefix = temporaryPrefix(path.basename(target));
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(prefix) || !isLeftover(name)) continue;
    await rm(path.join(folder, name), { force: true }).catch(() => undefined);
  }
}

/**
 * Removes the temporary folders in `parent` that killed processes of this machine and user left behind. Never fails,
 * because the removal is not part of the requested operation.
 */
export async function removeStaleFolders(parent: string): Promise<void> {
  // A writable folder is not necessarily readable.
  for (const name of await readdir(parent).catch(() => [])) {
    const owner = /^\.virt-appliance-([0-9a-f]{8})-(\d+)-/.exec(name);
    if (owner?.[1] !== MACHINE || isAlive(Number(owner[2]))) continue;
    const folder = path.join(parent, name);
    const stats = await lstat(folder).catch(() => undefined);
    if (stats?.isDirectory() !== true || stats.uid !== process.getuid?.()) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * Makes a temporary folder in `parent`. Makes `parent` if it is missing; disposal then also removes `parent` if it is
 * empty. Also removes the temporary folders in `parent` that killed processes left behind.
 *
 * @returns the folder, with its absolute path
 */
export async function openTemporaryFolder(parent: string): Promise<TemporaryFolder> {
  const made = await makeFolder(parent);
  try {
    await removeStaleFolders(parent);
    const prefix = path.join(path.resolve(parent), `${FOLDER_PREFIX}${MACHINE}-${process.pid}-`);
    const folder = await mkdtemp(prefix);
    return {
      path: folder,
      async [Symbol.asyncDispose](): Promise<void> {
        await rm(folder, { recursive: true, force: true });
        await made[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await made[Symbol.asyncDispose]();
    throw fileError(error, parent);
  }
}
