import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./read-text.ts";

/** Returns the lines that a git command prints, without empty ones. */
export function gitLines(...args: readonly string[]): readonly string[] {
  const options = { cwd: ROOT, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 } as const;
  return execFileSync("git", args, options)
    .split("\n")
    .filter((line) => line !== "");
}

/** Returns the files that git tracks and that exist, sorted. */
export function trackedFiles(): readonly string[] {
  return gitLines("ls-files")
    .filter((file) => existsSync(path.join(ROOT, file)))
    .sort();
}

/** True for the tests that the configuration of the units takes. */
export function isUnitTest(file: string): boolean {
  return /^test\/(?!e2e\/|slow\/).*\.test\.ts$/.test(file);
}
