import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Context } from "../src/lib/context.ts";
import type { RowResult } from "./model.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FILE = path.join(ROOT, ".cache/bench-rows.json");

/** Rows of an interrupted run of the whole bench. */
export interface FinishedRows {
  readonly rows: readonly RowResult[];
  /** Keeps one more row. */
  add(row: RowResult): Promise<void>;
  /** Forgets all of them. */
  clear(): Promise<void>;
}

/** Returns what figures depend on: the program, the bench and the boot of the machine. */
async function stateOf(context: Context): Promise<string> {
  const git = async (...args: string[]): Promise<string> =>
    (await context.run("git", ["-C", ROOT, ...args])).stdout;
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  const paths = ["src", "bench/*.ts", "bench/**/*.ts", "spec-templates"];
  const trees = await git("ls-files", "-s", "--", ...paths);
  const changes = await git("diff", "HEAD", "--", ...paths);
  return createHash("sha256").update([boot, trees, changes].join("\n")).digest("hex");
}

/** Opens the rows that an earlier run of the same program on the same machine finished. */
export async function openFinishedRows(context: Context): Promise<FinishedRows> {
  const state = await stateOf(context);
  const text = await readFile(FILE, "utf8").catch(() => "{}");
  const kept = JSON.parse(text) as { state?: string; rows?: readonly RowResult[] };
  const rows = kept.state === state ? [...(kept.rows ?? [])] : [];
  return {
    rows,
    async add(row) {
      rows.push(row);
      await mkdir(path.dirname(FILE), { recursive: true });
      await writeFile(`${FILE}.new`, JSON.stringify({ state, rows }));
      await rename(`${FILE}.new`, FILE);
    },
    clear: () => rm(FILE, { force: true }),
  };
}
