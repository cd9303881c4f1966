import { mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Context } from "../../src/lib/context.ts";

/** Where a chapter makes its inputs; all of it is removed when the chapter ends. */
export interface Shop extends AsyncDisposable {
  readonly folder: string;
  readonly context: Context;
  /** Share of the usual sizes. */
  readonly scale: number;
  /** Makes an input the first time, and returns the same one to every row that asks for it. */
  once<T>(key: string, make: () => Promise<T>): Promise<T>;
  /** Makes a new folder. */
  newFolder(name: string): Promise<string>;
  /** Registers what is to be done when the chapter ends. */
  atEnd(work: () => Promise<void>): void;
  /** Reports what is being made. */
  readonly report: (text: string) => void;
}

/** Returns the folder for what is kept between runs. */
export function cacheFolder(): string {
  const cache = process.env["XDG_CACHE_HOME"] ?? path.join(os.homedir(), ".cache");
  return path.join(cache, "virt-appliance-bench");
}

/** Opens the workshop of a chapter, in the system's temporary folder. */
export async function openShop(
  context: Context,
  options: { readonly scale: number; readonly report: (text: string) => void },
): Promise<Shop> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "virt-appliance-bench-"));
  const made = new Map<string, Promise<unknown>>();
  const endings: (() => Promise<void>)[] = [];
  return {
    folder,
    context,
    ...options,
    once<T>(key: string, make: () => Promise<T>): Promise<T> {
      const there = made.get(key) ?? make();
      made.set(key, there);
      return there as Promise<T>;
    },
    async newFolder(name) {
      const one = path.join(folder, name);
      await mkdir(one);
      return one;
    },
    atEnd: (work) => void endings.push(work),
    async [Symbol.asyncDispose]() {
      try {
        for (const end of endings.toReversed()) await end();
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
