import { openTemporaryFolder, type TemporaryFolder } from "../lib/atomic.ts";

/** A temporary folder that is created when it is needed. */
export class Spool {
  readonly #parent: string;
  #folder: TemporaryFolder | undefined;

  constructor(parent: string) {
    this.#parent = parent;
  }

  async folder(): Promise<string> {
    this.#folder ??= await openTemporaryFolder(this.#parent);
    return this.#folder.path;
  }

  async dispose(): Promise<void> {
    await this.#folder?.[Symbol.asyncDispose]();
  }
}
