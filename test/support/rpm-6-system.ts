import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { RunResult } from "../../src/lib/exec.ts";
import { testContext } from "./context.ts";

/** A Debian system in a folder, with rpm 6 and dnf5. */
export interface Rpm6System {
  /** Its root. */
  readonly root: string;
  /** Runs a program in it. */
  run(program: string, args: readonly string[]): Promise<RunResult>;
  /** Returns the lines that a program prints, whether or not it fails. */
  said(program: string, args: readonly string[]): Promise<string>;
}

const MIRROR = "http://deb.debian.org/debian";
/** The first release of Debian with rpm 6. */
const SUITE = "forky";

/**
 * Installs a system with rpm 6 and dnf5 into a folder, in about two minutes.
 *
 * @throws Error if its rpm is older, so that no test passes for want of it
 */
export async function installRpm6(folder: string): Promise<Rpm6System> {
  const root = path.join(folder, "rpm6");
  const { run } = testContext();
  await mkdir(root);
  // debootstrap of an older Debian does not know the suite by its name; every suite is installed as sid is.
  const script = "/usr/share/debootstrap/scripts/sid";
  const include = "--include=rpm,dnf5,ca-certificates";
  await run("debootstrap", ["--variant=minbase", include, SUITE, root, MIRROR, script]);
  const inside = (program: string, args: readonly string[]): Promise<RunResult> =>
    run("chroot", [root, program, ...args]);
  const { stdout } = await inside("rpm", ["--version"]);
  if (!/version [6-9]\./.test(stdout)) throw new Error(`expected rpm 6, found: ${stdout}`);
  return {
    root,
    run: inside,
    said: async (program, args) => {
      const script = '"$@" 2>&1 || echo "exit code $?"';
      return (await inside("sh", ["-c", script, "sh", program, ...args])).stdout;
    },
  };
}
