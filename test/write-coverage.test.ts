import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { withFolder } from "./support/temporary.ts";

const ROOT = path.join(import.meta.dirname, "..");
const PASSING = 'describe("file", () => { it("passes", () => {}); });\n';
/** More than the second that a worker is given to end. */
const ENDS_LATE = `${PASSING}process.on("exit", () => {
  const end = performance.now() + 1500;
  while (performance.now() < end);
});\n`;
const DIES = 'process.kill(process.pid, "SIGKILL");\n';

interface MochaRun {
  readonly status: number | null;
  /** What the run added to TEST_TOTALS: passed, failed, skipped. */
  readonly totals: string;
  /** Names of the test files whose coverage was written. */
  readonly covered: readonly string[];
}

/** Runs test files with mocha as the units are run: two at a time, and with coverage. */
async function runMocha(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<MochaRun> {
  const coverage = path.join(folder, "coverage");
  const totals = path.join(folder, "totals");
  await mkdir(coverage);
  const paths = Object.keys(files).map((name) => path.join(folder, name));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  const options = ["--no-config", "--no-package", "--parallel", "--jobs", "2"];
  options.push("--require", "./test/support/write-coverage.cjs");
  options.push("--reporter", "./test/support/reporter.cjs");
  const mocha = path.join(ROOT, "node_modules/mocha/bin/mocha.js");
  const { TEST_FAILURES: _, ...env } = process.env;
  const child = spawn(process.execPath, [mocha, ...options, ...paths], {
    cwd: ROOT,
    env: { ...env, NODE_V8_COVERAGE: coverage, TEST_TOTALS: totals },
    stdio: "ignore",
  });
  const [status] = (await once(child, "exit")) as [number | null];
  const texts = (await readdir(coverage)).map((name) =>
    readFile(path.join(coverage, name), "utf8"),
  );
  const written = (await Promise.all(texts)).join("");
  const covered = Object.keys(files).filter((name) => written.includes(path.join(folder, name)));
  return { status, totals: await readFile(totals, "utf8"), covered };
}

describe("two test files at a time", () => {
  it(
    "are both measured, however long their processes write",
    withFolder(async (folder) => {
      const files = { "one.cjs": ENDS_LATE, "two.cjs": ENDS_LATE };
      const { status, totals, covered } = await runMocha(folder, files);
      assert.equal(status, 0);
      assert.equal(totals, "2 0 0\n");
      assert.deepEqual(covered, ["one.cjs", "two.cjs"]);
    }),
  );

  it(
    "fail when the process of one dies",
    withFolder(async (folder) => {
      const files = { "one.cjs": PASSING, "two.cjs": DIES };
      const { status, totals } = await runMocha(folder, files);
      assert.notEqual(status, 0);
      assert.equal(totals, "1 1 0\n");
    }),
  );
});
