import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ROOT } from "./read-text.ts";

/** mocha removes what its tests made before it ends for SIGINT. */
const GRACE_MS = 60_000;

/** Result of a chapter. */
export interface ChapterResult {
  /** True if every test passed and none was skipped. */
  readonly hasPassed: boolean;
  readonly isLate: boolean;
  readonly seconds: number;
}

/** Adds a chapter's totals to those of the whole run, and returns whether tests passed and none failed or was skipped. */
function takeTotals(file: string): boolean {
  const text = readFileSync(file, "utf8");
  const all = process.env["TEST_TOTALS"];
  if (all !== undefined) appendFileSync(all, text);
  return /^[1-9]\d* 0 0\n$/.test(text);
}

/** Runs one chapter with mocha, and ends it at its time limit. */
export async function runChapter(file: string, limitMs: number): Promise<ChapterResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "chapter-"));
  const totals = path.join(folder, "totals");
  appendFileSync(totals, "");
  const start = performance.now();
  try {
    const mocha = path.join(ROOT, "node_modules/mocha/bin/mocha.js");
    const options = ["--reporter", "test/support/reporter.cjs", "--timeout", "3600000"];
    const child = spawn(process.execPath, [mocha, ...options, file], {
      cwd: ROOT,
      stdio: "inherit",
      env: { ...process.env, TEST_TOTALS: totals },
    });
    const timers: NodeJS.Timeout[] = [];
    let isLate = false;
    const end = (): void => {
      isLate = true;
      child.kill("SIGINT");
      timers.push(setTimeout(() => child.kill("SIGKILL"), GRACE_MS));
    };
    if (Number.isFinite(limitMs)) timers.push(setTimeout(end, limitMs - GRACE_MS));
    const [status]: unknown[] = await once(child, "exit");
    timers.forEach(clearTimeout);
    const hasPassed = takeTotals(totals) && status === 0 && !isLate;
    return { hasPassed, isLate, seconds: Math.ceil((performance.now() - start) / 1000) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
