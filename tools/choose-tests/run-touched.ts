import { spawnSync } from "node:child_process";
import { gitLines, isUnitTest, trackedFiles } from "./tracked-files.ts";
import { makeReadText, ROOT } from "./read-text.ts";
import { touchedTests } from "./touched-tests.ts";

// usage: run-touched.ts [BASE]: runs the unit tests that the changes since BASE touch, committed or not.
// BASE: a commit (default: main; on main itself, the changes that are not committed).
const base = process.argv[2] ?? "main";
const newFiles = gitLines("ls-files", "--others", "--exclude-standard");
const changed = [...gitLines("diff", "--name-only", "--merge-base", base), ...newFiles];
const files = [...trackedFiles(), ...newFiles];
const { tests, untested } = touchedTests(changed, files.filter(isUnitTest), makeReadText());

if (untested.length > 0) console.log(`no unit test loads or names: ${untested.join(" ")}`);
if (tests.length === 0) {
  console.log(`no unit test is touched by the ${changed.length} files changed since ${base}`);
} else {
  console.log(`${tests.length} of ${files.filter(isUnitTest).length} unit test files`);
  const { status } = spawnSync("npx", ["mocha", "--parallel", "--jobs", "2", ...tests], {
    cwd: ROOT,
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
}
