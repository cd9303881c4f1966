import { type FileHandle, open } from "node:fs/promises";

const watched = ["write", "sync"] as const;

/** What was done to files, in order, while a watch was open. */
export interface HandleWatch extends Disposable {
  readonly calls: readonly (typeof watched)[number][];
}

/**
 * Watches what is done through open files of this process: everything really happens, and is written down.
 *
 * @param file  any file that can be read
 */
export async function watchHandles(file: string): Promise<HandleWatch> {
  const handle = await open(file, "r");
  const methods = Object.getPrototypeOf(handle) as Pick<FileHandle, (typeof watched)[number]>;
  await handle.close();
  const calls: (typeof watched)[number][] = [];
  const originals = watched.map((name) => [name, Reflect.get(methods, name) as Function] as const);
  for (const [name, original] of originals) {
    Reflect.set(methods, name, function (this: FileHandle, ...args: unknown[]): unknown {
      calls.push(name);
      return Reflect.apply(original, this, args);
    });
  }
  return {
    calls,
    [Symbol.dispose](): void {
      for (const [name, original] of originals) Reflect.set(methods, name, original);
    },
  };
}
