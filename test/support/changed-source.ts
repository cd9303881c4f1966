import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { openFolder } from "./temporary.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const TSC = path.join(root, "node_modules/.bin/tsc");

/** A copy of the program's source, to be changed as somebody who extends it would. */
export interface ChangedSource extends AsyncDisposable {
  /** Replaces a text that is in a file exactly once; a file's path is below `src`. */
  replace(file: string, text: string, replacement: string): Promise<void>;
  /** Writes a new file. */
  write(file: string, text: string): Promise<void>;
  /** Returns what the compiler objects to: `appliance/disk-formats.ts: Property 'x' is missing`. */
  compile(): Promise<readonly string[]>;
  /** Runs a module with the copy in its import paths (`./src/...`), and returns what it prints. */
  run(module: string): Promise<string>;
}

/** Copies the source into a temporary folder. */
export async function copySource(): Promise<ChangedSource> {
  const temporary = await openFolder();
  const folder = temporary.path;
  const inSource = (file: string): string => path.join(folder, "src", file);
  for (const name of ["src", "repo", "package.json"])
    await cp(path.join(root, name), path.join(folder, name), { recursive: true });
  await symlink(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  // The second compilation looks only at what a change touches.
  const compilerOptions = { incremental: true, tsBuildInfoFile: "compiled.json" };
  const config = { extends: path.join(root, "tsconfig.json"), include: ["src"], compilerOptions };
  await writeFile(path.join(folder, "tsconfig.json"), JSON.stringify(config));
  return {
    async replace(file, text, replacement) {
      const parts = (await readFile(inSource(file), "utf8")).split(text);
      if (parts.length !== 2) throw new Error(`${file}: ${parts.length - 1} times ${text}`);
      await writeFile(inSource(file), parts.join(replacement));
    },
    async write(file, text) {
      await writeFile(inSource(file), text);
    },
    async compile() {
      const { stdout } = await execa(TSC, ["--noEmit", "--pretty", "false"], {
        cwd: folder,
        reject: false,
      });
      return [...stdout.matchAll(/^src\/([^(\n]+)\(\d+,\d+\): error TS\d+: ([^\n]*)/gm)].map(
        ([, file = "", message = ""]) => `${file}: ${message.split(" in type ")[0] ?? ""}`,
      );
    },
    async run(module) {
      await writeFile(path.join(folder, "module.ts"), module);
      const { stdout } = await execa("node", ["--import", "tsx", "module.ts"], { cwd: folder });
      return stdout;
    },
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}
