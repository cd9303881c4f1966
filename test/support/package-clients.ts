import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { RunResult } from "../../src/lib/exec.ts";
import { testContext } from "./context.ts";

const context = testContext();

/** A real package manager with nothing of this machine's: its own root, repositories and caches. */
export interface PackageClient {
  readonly root: string;
  run(...args: string[]): Promise<RunResult>;
}

/** Opens the real dnf, of which all is below `root`. */
export async function openDnf(root: string, repoFile: string): Promise<PackageClient> {
  for (const name of ["repos", "log", "root"]) {
    await mkdir(path.join(root, name), { recursive: true });
  }
  await writeFile(path.join(root, "repos", "demo.repo"), repoFile);
  const options = [
    "--disableplugin=*",
    `--installroot=${path.join(root, "root")}`,
    "--releasever=1",
    "--assumeyes",
    `--setopt=reposdir=${path.join(root, "repos")}`,
    `--setopt=cachedir=${path.join(root, "cache")}`,
    `--setopt=persistdir=${path.join(root, "persist")}`,
    `--setopt=logdir=${path.join(root, "log")}`,
    "--setopt=retries=1",
    "--setopt=timeout=10",
  ];
  const config = path.join(root, "dnf.conf");
  await writeFile(config, "[main]\n");
  return {
    root,
    run: (...args) =>
      context.run("dnf", ["--config", config, ...options, ...args], {
        acceptExitCodes: [1],
        env: { HOME: root },
        timeoutMs: 600_000,
      }),
  };
}

/** Opens the real zypper, of which all is below `root`. */
export async function openZypper(root: string, repoFile: string): Promise<PackageClient> {
  const folder = path.join(root, "root", "etc", "zypp", "repos.d");
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "demo.repo"), `${repoFile}autorefresh=1\n`);
  const options = ["--root", path.join(root, "root"), "--non-interactive"];
  return {
    root,
    run: (...args) =>
      context.run("zypper", [...options, "--gpg-auto-import-keys", ...args], {
        acceptExitCodes: Array.from({ length: 110 }, (_, i) => i),
        env: { HOME: root },
        timeoutMs: 600_000,
      }),
  };
}

/** Returns all that a program said, for messages. */
export function outputOf({ exitCode, stdout, stderr }: RunResult): string {
  return `exit ${exitCode}\n${stdout}\n${stderr}`;
}
