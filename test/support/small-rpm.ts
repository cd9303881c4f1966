import { copyFile } from "node:fs/promises";
import path from "node:path";
import { signRpm } from "../../src/sign/index.ts";
import { testContext } from "./context.ts";
import { rpmbuild } from "./rpmbuild.ts";
import { testKey } from "./signing-key.ts";
import { openFolder } from "./temporary.ts";

/** Small packages made by the real rpmbuild, for tests about repositories. */
export interface SmallRpms extends AsyncDisposable {
  /** An empty folder of this test's own. */
  readonly folder: string;
  /** Returns a copy of a package of this name and version, signed by the test key by default. */
  make(name: string, options?: SmallRpmOptions): Promise<string>;
}

/** What a small package is like. */
export interface SmallRpmOptions {
  readonly version?: string;
  readonly signed?: boolean;
  /** Makes another file of the same name. */
  readonly tags?: string;
}

/** Opens a folder in which small packages can be made. */
export async function openSmallRpms(): Promise<SmallRpms> {
  const temporary = await openFolder();
  const folder = temporary.path;
  let count = 0;
  return {
    folder,
    async make(name, { version = "1", signed = true, tags = "" } = {}): Promise<string> {
      count += 1;
      const built = await rpmbuild(path.join(folder, `built-${count}`), name, { version, tags });
      const binary = built.find((file) => !file.endsWith(".src.rpm"));
      if (binary === undefined) throw new TypeError("rpmbuild made no binary package");
      const target = path.join(folder, `built-${count}`, path.basename(binary));
      await copyFile(binary, target);
      if (signed) await signRpm(target, (await testKey()).signer, testContext());
      return target;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await temporary[Symbol.asyncDispose]();
    },
  };
}
