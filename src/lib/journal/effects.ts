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
 * Is told of every change of the world, before it begins and after it has happened. What it throws stops the operation
 * at that place; a test counts changes with it, and ends the process at each of them.
 */
export interface EffectHook {
  before?(label: string): void | Promise<void>;
  after?(label: string): void | Promise<void>;
}

/**
 * The one door through which an operation changes the world. What only looks does not pass through it.
 * Each call is one change that a power cut can fall before or after.
 */
export interface Effects {
  /** Does one change that has no method of its own. */
  perform<T>(label: string, change: () => Promise<T>): Promise<T>;
  /** Runs a program that changes something. */
  run(file: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Writes a file so that it is as it was or complete, and on the disk when this returns. */
  writeFile(target: string, content: string | Uint8Array, mode?: number): Promise<void>;
  /** Makes a folder and its parents; one that exists is left as it is. */
  makeFolder(folder: string, mode?: number): Promise<void>;
  /** Replaces what is at the target. */
  rename(from: string, to: string): Promise<void>;
  /** Makes a hard link; one to the same file may exist already. */
  link(existing: string, target: string): Promise<void>;
  chmod(target: string, mode: number): Promise<void>;
  /** Removes a file, or a folder with all in it, and what was to become it; nothing there is fine. */
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
 * Opens the door to the world.
 *
 * @param run  runs programs; the context's
 * @param hook  is told of each change; nobody unless told
 */
export function openEffects(run: Run, hook: EffectHook = {}): Effects {
  const perform = async <T>(label: string, change: () => Promise<T>): Promise<T> => {
    await hook.before?.(label);
    const result = await change();
    await hook.after?.(label);
    return result;
  };
  /** One change of the file system, on the disk when it returns. */
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
