import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const LISTS = ["package.json", "package-lock.json"];
const execute = promisify(execFile);

async function install(
  lists: string,
  folder: string,
  options: { readonly what: string },
): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}.`);
  try {
    for (const name of LISTS) await copyFile(path.join(lists, name), path.join(temporary, name));
    const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    await execute("npm", args, { cwd: temporary }).catch((cause: unknown) => {
      const place = path.relative(process.cwd(), lists);
      const message = `${place}: npm ci cannot install ${options.what} from the npm registry, as package-lock.json lists; see npm's message below`;
      const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr) : "";
      throw new Error(`${message}\n${said}`, { cause });
    });
    // Another run may have been faster.
    await rename(temporary, folder).catch(async (error: unknown) => {
      await stat(folder).catch(() => Promise.reject(error));
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * Installs npm packages outside of the tree the first time, and compares their digests; another list gets another folder.
 *
 * @param lists  folder with package.json and package-lock.json
 * @param options.cache  the folder of the packages is this path, with a digest of the list
 * @param options.what  what is installed, for the message of a failure
 * @returns the folder that holds `node_modules`
 */
export async function installPackages(
  lists: string,
  options: { readonly cache: string; readonly what: string },
): Promise<string> {
  const lock = await readFile(path.join(lists, "package-lock.json"), "utf8");
  const digest = createHash("sha256").update(lock).digest("hex").slice(0, 16);
  const folder = `${options.cache}-${digest}`;
  if (!(await stat(folder).catch(() => undefined))) await install(lists, folder, options);
  return folder;
}
