import { chmod, link, lstat, rename, rm } from "node:fs/promises";
import path from "node:path";
import {
  fileError,
  makeFolder,
  removeLeftovers,
  syncFolder,
  writeFileAtomically,
} from "../atomic.ts";
import type { Run, RunOptions, RunResult } from "../exec.ts";

/**
 * Receives every change of the system's state, before it starts and after it is complete. An error that it throws stops
 * the operation there. Tests use it to count changes, and to end the process at each of them.
 */
export interface EffectHook {
  before?(label: string): void | Promise<void>;
  after?(label: string): void | Promise<void>;
}

/**
 * Makes all changes of an operation to the system's state. Operations that only read do not use it. A power failure can
 * happen before or after each call.
 */
export interface Effects {
  /** Makes one change for which there is no other method. */
  perform<T>(label: string, change: () => Promise<T>): Promise<T>;
  /** Runs a program that changes something. */
  run(file: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Writes a file atomically. The file is synced to disk when this returns. */
  writeFile(target: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /** Makes a folder and its parents. An existing folder is not changed. */
  makeFolder(folder: string, mode?: number): Promise<void>;
  /** Renames a file or folder, and replaces an existing target. */
  rename(from: string, to: string): Promise<void>;
  /** Makes a hard link. Does nothing if the target already is a link to the same file. */
  link(existing: string, target: string): Promise<void>;
  chmod(target: string, mode: number): Promise<void>;
  /** Removes a file, or a folder with its content, and its leftover temporary files. Does nothing if it is absent. */
  remove(target: string): Promise<void>;
}

async function linkOnce(existing: string, target: string): Promise<void> {
  try {
    await link(existing, target);
  } catch (error) {
    const [from, to] = await Promise.all([lstat(existing), lstat(target).catch(() => undefined)]);
    if (to === undefined || from.ino !== to.ino || from.dev !== to.dev) throw error;
  }
}

/**
 * Returns the effects, which change the system's state.
 *
 * @param run  runs programs, as in the context
 * @param hook  receives each change. Default: no hook
 */
export function openEffects(run: Run, hook: EffectHook = {}): Effects {
  const perform = async <T>(label: string, change: () => Promise<T>): Promise<T> => {
    await hook.before?.(label);
    const result = await change();
    await hook.after?.(label);
    return result;
  };
  /** Makes one change of the file system, which is synced to disk when this returns. */
  const file = (label: string, target: string, change: () => Promise<unknown>): Promise<void> =>
    perform(`${label} ${target}`, async () => {
      try {
        await change();
      } catch (error) {
        throw fileError(error, target);
      }
    });
  return {
    perform,
    run: (program, args, options) =>
      perform([program, ...args].join(" "), () => run(program, args, options)),
    writeFile: (target, content, mode = 0o644) =>
      file("write", target, () => writeFileAtomically(target, content, { mode })),
    makeFolder: (folder, mode = 0o755) =>
      file("mkdir", folder, async () => {
        const { made } = await makeFolder(folder, { mode });
        for (const one of made) await syncFolder(path.dirname(one));
      }),
    rename: (from, to) =>
      file("rename", to, async () => {
        await rename(from, to);
        await syncFolder(path.dirname(to));
      }),
    link: (existing, target) =>
      file("link", target, async () => {
        await linkOnce(existing, target);
        await syncFolder(path.dirname(target));
      }),
    chmod: (target, mode) => file("chmod", target, () => chmod(target, mode)),
    remove: (target) =>
      file("remove", target, async () => {
        await rm(target, { recursive: true, force: true });
        await removeLeftovers(target);
        await syncFolder(path.dirname(target)).catch(() => undefined);
      }),
  };
}
