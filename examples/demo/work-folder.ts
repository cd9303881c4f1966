import { mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";

const PREFIX = "virt-appliance-demo-";

/** A folder for everything that the demo makes, removed with all in it. */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes a private folder. First it removes the folders of demos that were killed. */
export async function openWorkFolder(parent: string): Promise<WorkFolder> {
  for (const name of await readdir(parent)) {
    const pid = /^virt-appliance-demo-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) {
      await rm(path.join(parent, name), { recursive: true, force: true });
    }
  }
  const folder = await mkdtemp(path.join(parent, `${PREFIX}${process.pid}-`));
  return {
    path: folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
